"""The command `practio` and its subcommands."""

import logging
import re
import sys
from inspect import getdoc

import typer

from practio_operator.commands.backup import backup, restore_command
from practio_operator.commands.dead import dead
from practio_operator.commands.hooks import hooks
from practio_operator.commands.imports import import_members, import_people, import_rooms
from practio_operator.commands.invariants import invariants
from practio_operator.commands.letters import letters
from practio_operator.commands.link import link
from practio_operator.commands.mailbox import bounces, mailbox
from practio_operator.commands.message_commands import ask, send, tell, watch
from practio_operator.commands.person import erase_person, export_person, restore_person
from practio_operator.commands.provision import provision_command
from practio_operator.commands.publisher import publisher
from practio_operator.commands.rebuild import rebuild
from practio_operator.commands.report import report
from practio_operator.commands.resend import resend
from practio_operator.commands.roster import roster
from practio_operator.commands.sequences import sequences
from practio_operator.commands.stack import demo, down, logs, status, up
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import error_console, printable

commands = typer.Typer(
    name="practio",
    help="Run Practio on this machine or on your servers: start it, inspect it, send it messages, repair it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (up, down, demo, status, logs, send, ask, tell, watch, invariants, rebuild, mailbox, bounces, backup):
    commands.command()(command)
commands.command("provision")(provision_command)
commands.command("restore")(restore_command)
commands.command("import-people")(import_people)
commands.command("import-rooms")(import_rooms)
commands.command("import-members")(import_members)
commands.command("export-person")(export_person)
commands.command("erase-person")(erase_person)
commands.command("restore-person")(restore_person)
commands.command()(link)
commands.command()(hooks)
commands.command()(report)
commands.command()(roster)
letters.command()(resend)
commands.add_typer(dead, name="dead")
commands.add_typer(letters, name="letters")
commands.add_typer(publisher, name="publisher")
commands.add_typer(sequences, name="sequences")


def unwrap(text: str) -> str:
    """Return a docstring with each paragraph, and each item of a list, on one line: the terminal wraps lines."""
    return re.sub(r"(?<!\n)\n[ ]*(?!\n| |- )", " ", text)


def set_help(group: typer.Typer) -> None:
    """Use the docstrings of a group's commands as their ``--help``, for any width of terminal."""
    for each in group.registered_commands:
        each.help = unwrap(getdoc(each.callback) or "")
    for subgroup in group.registered_groups:
        if subgroup.typer_instance:
            set_help(subgroup.typer_instance)


set_help(commands)


def app() -> None:
    """Run the command; if it fails, print one sentence and exit with a non-zero code."""
    # The libraries' logs of a failing connection would appear beside that sentence.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        commands()
    except OperatorError as error:
        error_console.print(f"practio: {printable(str(error))}", markup=False)
        sys.exit(error.exit_code)
