"""The command `practio` and its subcommands."""

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from inspect import getdoc
from typing import Any

import typer

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import error_console, printable

COMMANDS: Mapping[str, Sequence[str]] = {
    "up": ("stack:up",),
    "down": ("stack:down",),
    "demo": ("stack:demo",),
    "status": ("stack:status",),
    "logs": ("stack:logs",),
    "send": ("message_commands:send",),
    "ask": ("message_commands:ask",),
    "tell": ("message_commands:tell",),
    "watch": ("message_commands:watch",),
    "invariants": ("invariants:invariants",),
    "rebuild": ("rebuild:rebuild",),
    "mailbox": ("mailbox:mailbox",),
    "bounces": ("mailbox:bounces",),
    "backup": ("backup:backup",),
    "provision": ("provision:provision_command",),
    "restore": ("backup:restore_command",),
    "import-people": ("imports:import_people",),
    "import-rooms": ("imports:import_rooms",),
    "import-members": ("imports:import_members",),
    "export-person": ("person:export_person",),
    "erase-person": ("person:erase_person",),
    "restore-person": ("person:restore_person",),
    "link": ("link:link",),
    "hooks": ("hooks:hooks",),
    "report": ("report:report",),
    "roster": ("roster:roster",),
    "dead": ("dead:dead",),
    "letters": ("letters:letters", "resend:resend"),
    "publisher": ("publisher:publisher",),
    "sequences": ("sequences:sequences",),
    "outbox": ("outbox:outbox",),
}
"""The module and the name of each command, or of a group of commands with those that other modules add to it."""


def command_line(*names: str) -> typer.Typer:
    """Return `practio` with these commands, by default with all: each imports what it needs, which takes time."""
    commands = typer.Typer(
        name="practio",
        help="Run Practio on this machine or on your servers: start it, inspect it, send it messages, repair it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    commands.callback()(_no_options)
    for name in names or COMMANDS:
        found = _found(name)
        if isinstance(found, typer.Typer):
            commands.add_typer(found, name=name)
        else:
            commands.command(name)(found)
    set_help(commands)
    return commands


@cache
def _found(name: str) -> Any:
    """Return a command, or a group with all its commands."""
    found, *more = (
        getattr(import_module(f"practio_operator.commands.{module}"), function)
        for module, function in (place.split(":") for place in COMMANDS[name])
    )
    for each in more:
        found.command()(each)
    return found


def _no_options() -> None:
    """Keep a single command as a subcommand: Typer would merge it into `practio`."""


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


def app() -> None:
    """Run the command; if it fails, print one sentence and exit with a non-zero code."""
    # The libraries' logs of a failing connection would appear beside that sentence.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        command_line(*(name for name in sys.argv[1:2] if name in COMMANDS))()
    except OperatorError as error:
        error_console.print(f"practio: {printable(str(error))}", markup=False)
        sys.exit(error.exit_code)
