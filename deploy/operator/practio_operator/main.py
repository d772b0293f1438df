"""The command `practio` and its subcommands."""

import logging
import re
import sys
from inspect import getdoc

import typer

from practio_operator.commands.backup import backup, restore_command
from practio_operator.commands.bounces import bounces
from practio_operator.commands.dead import dead
from practio_operator.commands.imports import import_members, import_people
from practio_operator.commands.invariants import invariants
from practio_operator.commands.letters import letters
from practio_operator.commands.message_commands import ask, send, tell, watch
from practio_operator.commands.person import erase_person, export_person
from practio_operator.commands.provision import provision_command
from practio_operator.commands.publisher import publisher
from practio_operator.commands.rebuild import rebuild
from practio_operator.commands.stack import demo, down, logs, status, up
from practio_operator.console import complaints, harmless
from practio_operator.errors import OperatorError

commands = typer.Typer(
    name="practio",
    help="Practio on one machine or on your servers: bring it up, look at it, speak with it, mend it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (up, down, demo, status, logs, send, ask, tell, watch, invariants, rebuild, bounces, backup):
    commands.command()(command)
commands.command("provision")(provision_command)
commands.command("restore")(restore_command)
commands.command("import-people")(import_people)
commands.command("import-members")(import_members)
commands.command("export-person")(export_person)
commands.command("erase-person")(erase_person)
commands.add_typer(dead, name="dead")
commands.add_typer(letters, name="letters")
commands.add_typer(publisher, name="publisher")


def flowing(text: str) -> str:
    """Return a docstring with each paragraph, and each item of a list, on one line: the terminal wraps lines itself."""
    return re.sub(r"(?<!\n)\n[ ]*(?!\n| |- )", " ", text)


def teach(group: typer.Typer) -> None:
    """Make the docstrings of a group's commands the texts of their ``--help``, fit for any width."""
    for each in group.registered_commands:
        each.help = flowing(getdoc(each.callback) or "")
    for below in group.registered_groups:
        if below.typer_instance:
            teach(below.typer_instance)


teach(commands)


def app() -> None:
    """Run the command; a failure is one sentence and a non-zero exit code."""
    # The libraries' logs of a failing connection would appear beside that sentence.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        commands()
    except OperatorError as error:
        complaints.print(f"practio: {harmless(str(error))}", markup=False)
        sys.exit(error.exit_code)
