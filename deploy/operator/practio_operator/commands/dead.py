"""`practio dead`: messages that services could not consume, why, and what to do with them."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Annotated

import typer

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, show_json_list, show_table
from practio_operator.console.spool import Spool
from practio_operator.dead_letters.acting import Acting, act_on, check, count_chosen, describe, dropping
from practio_operator.dead_letters.filter import DeadLetterFilter
from practio_operator.dead_letters.putting_back import putting_back
from practio_operator.dead_letters.showing import full, summary
from practio_operator.targets.addresses import administrator_target

dead = typer.Typer(
    no_args_is_help=True, help="Dead letters, the messages that services could not consume: list, show, retry, drop."
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids as `practio dead list` prints them.")]
All = Annotated[bool, typer.Option("--all", help="All dead letters.")]
Queue = Annotated[str | None, typer.Option(help="Only dead letters of this queue, such as membership.commands.")]
OfMessage = Annotated[str | None, typer.Option("--message", help="Only messages that match, such as 'people.*'.")]
OfReason = Annotated[str | None, typer.Option("--reason", help="Only dead letters with this reason, such as failed.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]

_COLUMNS = ("id", "queue", "message", "reason", "age", "detail")
_ROWS = 500
"""The rows of a table, whose columns are as wide as their widest cell; after these another table begins."""


@dead.command("list")
def list_(queue: Queue = None, message: OfMessage = None, reason: OfReason = None, as_json: AsJson = False) -> None:
    """List the dead letters of all services, with the reason and age of each.

    Example: practio dead list --message 'people.*' --reason gave-up
    """
    with Spool() as found:
        selection = DeadLetterFilter(queue=queue, message=message, reason=reason)
        asyncio.run(describe(administrator_target(), summary, selection, found))
        if as_json:
            show_json_list(found)
            return
        for rows in _in_tables([each[name] for name in _COLUMNS] for each in found):
            show_table(_COLUMNS, rows)
        console.print(f"{len(found)} dead letters." if len(found) else "No dead letters.")


@dead.command()
def show(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The id as `practio dead list` prints it.")],
    personal: Annotated[bool, typer.Option("--personal", help="Do not mask names, addresses and texts.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; this command always does.", show_default=False)
    ] = True,
) -> None:
    """Print a dead letter in full, as JSON; texts are masked, since they may be personal.

    Example: practio dead show ID --personal | jq '.[].body.data'
    """
    with Spool() as found:
        selection = DeadLetterFilter(ids=frozenset({identity}))
        asyncio.run(describe(administrator_target(), partial(full, personal=personal), selection, found))
        if not len(found):
            raise OperatorError(f"There is no dead letter {identity}: `practio dead list` prints the ids.")
        show_json_list(found)


@dead.command()
def retry(
    ids: Ids = None,
    everything: All = False,
    queue: Queue = None,
    message: OfMessage = None,
    reason: OfReason = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put dead letters back into their queues, with the same id and publisher and a fresh count of attempts.

    Example: practio dead retry --queue membership.commands --reason failed
    """
    selection = DeadLetterFilter(frozenset(ids or ()), queue, message, reason)
    _act(putting_back, selection, everything, "put back", yes=yes, as_json=as_json)


@dead.command("drop")
def drop_(
    ids: Ids = None,
    everything: All = False,
    queue: Queue = None,
    message: OfMessage = None,
    reason: OfReason = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete dead letters for ever.

    Example: practio dead drop ID
    """
    selection = DeadLetterFilter(frozenset(ids or ()), queue, message, reason)
    _act(dropping, selection, everything, "dropped", yes=yes, as_json=as_json)


def _act(acting: Acting, selection: DeadLetterFilter, everything: bool, done: str, *, yes: bool, as_json: bool) -> None:
    if (selection != DeadLetterFilter()) == everything:
        raise OperatorError("Choose dead letters by ids or a filter, or use --all.")
    if selection.ids:
        asyncio.run(check(administrator_target(), selection))
    elif not yes and sys.stdin.isatty():
        selection = replace(selection, ids=_confirmed(selection, done))
        if not selection.ids:  # without ids, the selection would be of all
            return _show_acted([], done, as_json=as_json)
    return _show_acted(asyncio.run(act_on(administrator_target(), acting, selection)), done, as_json=as_json)


def _show_acted(acted: list[str], done: str, *, as_json: bool) -> None:
    if as_json:
        console.print_json(data=acted)
    else:
        console.print(f"{len(acted)} {done}.")


def _confirmed(selection: DeadLetterFilter, done: str) -> frozenset[str]:
    """Ask for confirmation, and return the ids of the chosen dead letters; do not ask if there are none.

    No message is held in the meantime, so others see the dead letters, and no connection breaks if the answer takes
    minutes.
    """
    chosen, count = asyncio.run(count_chosen(administrator_target(), selection))
    if chosen:
        typer.confirm(f"{len(chosen)} of {count} dead letters will be {done}. Continue?", abort=True, err=True)
    return chosen


def _in_tables(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    left = iter(rows)
    while table := list(islice(left, _ROWS)):
        yield table
