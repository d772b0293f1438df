"""`practio sequences`: the newest sequence that services have received of a subject, and forgetting it."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from practio_operator.console.output import console, show_table
from practio_operator.sequences.sequences import NewestSequence, forget_sequences, newest_sequences
from practio_operator.targets.addresses import administrator_target

sequences = typer.Typer(
    no_args_is_help=True,
    help="Sequences of outside systems: list the newest of a subject; forget it if it silences later events.",
)

Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject of the events, such as a person's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_COLUMNS = ("service", "account", "source", "subject", "sequence")


@sequences.command("list")
def list_(subject: Subject, as_json: AsJson = False) -> None:
    """List the newest sequence that each service has received of a subject, by account and source.

    A service ignores events with the same or a lower number from that account and source.

    Example: practio sequences list PERSON_ID
    """
    _show(asyncio.run(newest_sequences(administrator_target(), subject)), as_json)


@sequences.command()
def forget(
    subject: Subject,
    account: Annotated[str | None, typer.Option(help="Only numbers from this account.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget the newest sequences of a subject, so that the next event is accepted, whatever its number.

    Use it if an outside system once published an absurd number, and its later events are ignored.

    Example: practio sequences forget PERSON_ID --account directory
    """
    target = administrator_target()
    found = asyncio.run(newest_sequences(target, subject))
    wanted = [each for each in found if account in (None, each.account)]
    if wanted and not yes:
        _show(wanted, as_json=False)
        typer.confirm("Forget these?", abort=True, err=True)
    asyncio.run(forget_sequences(target, wanted))
    if as_json:
        console.print_json(data=[asdict(each) for each in wanted])
    else:
        console.print(f"{len(wanted)} forgotten.")


def _show(found: list[NewestSequence], as_json: bool) -> None:
    if as_json:
        console.print_json(data=[asdict(each) for each in found])
    elif found:
        show_table(_COLUMNS, ([str(value) for value in asdict(each).values()] for each in found))
    else:
        console.print("No sequences of this subject from outside systems.")
