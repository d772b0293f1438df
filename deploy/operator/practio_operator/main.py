"""The command `practio` and what it understands."""

import sys

import typer

from practio_operator.console import complaints
from practio_operator.dead_command import dead
from practio_operator.errors import OperatorError
from practio_operator.provision_command import provision_command
from practio_operator.publisher_command import publisher
from practio_operator.stack_command import demo, down, logs, status, up
from practio_operator.talk import ask, send, tell, watch

commands = typer.Typer(
    name="practio",
    help="Practio on one machine or on your servers: bring it up, look at it, speak with it, mend it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (up, down, demo, status, logs, send, ask, tell, watch):
    commands.command()(command)
commands.command("provision")(provision_command)
commands.add_typer(dead, name="dead")
commands.add_typer(publisher, name="publisher")


def app() -> None:
    """Run the command; what cannot be done is one sentence and exit code 1."""
    try:
        commands()
    except OperatorError as error:
        complaints.print(f"practio: {error}", markup=False)
        sys.exit(1)
