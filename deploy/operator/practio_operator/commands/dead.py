"""`practio dead`: messages that services could not consume, why, and what to do with them."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

import typer
from rich.progress import Progress

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, error_console, show_json_list, show_table
from practio_operator.console.spool import Spool
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.filter import DeadLetterFilter, age_of
from practio_operator.dead_letters.putting_back import Act, putting_back
from practio_operator.dead_letters.queues import DeadLetters, dead_letters
from practio_operator.provisioning.target import ProvisionTarget
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

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MASK = "•••"
_COLUMNS = ("id", "queue", "message", "reason", "age", "detail")
_ROWS = 500
"""The rows of a table, whose columns are as wide as their widest cell; after these another table begins."""


@dead.command("list")
def list_(queue: Queue = None, message: OfMessage = None, reason: OfReason = None, as_json: AsJson = False) -> None:
    """List the dead letters of all services, with the reason and age of each.

    Example: practio dead list --message 'people.*' --reason gave-up
    """
    with Spool() as found:
        asyncio.run(_describe(_summary, DeadLetterFilter(queue=queue, message=message, reason=reason), found))
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

    def full(letter: DeadLetter) -> dict[str, Any]:
        return _summary(letter) | {"account": letter.account, "body": _body(letter, personal=personal)}

    with Spool() as found:
        asyncio.run(_describe(full, DeadLetterFilter(ids=frozenset({identity})), found))
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
    _act(_dropping, selection, everything, "dropped", yes=yes, as_json=as_json)


Acting = Callable[[ProvisionTarget, DeadLetters], AbstractAsyncContextManager[Act]]
"""What a command does with the dead letters that were chosen."""


@asynccontextmanager
async def _dropping(_: ProvisionTarget, held: DeadLetters) -> AsyncIterator[Act]:
    yield held.drop


def _act(acting: Acting, selection: DeadLetterFilter, everything: bool, done: str, *, yes: bool, as_json: bool) -> None:
    if (selection != DeadLetterFilter()) == everything:
        raise OperatorError("Choose dead letters by ids or a filter, or use --all.")
    if selection.ids:
        asyncio.run(_check(selection))
    elif not yes and sys.stdin.isatty():
        selection = replace(selection, ids=_confirmed(selection, done))
        if not selection.ids:  # without ids, the selection would be of all
            return _show_acted([], done, as_json=as_json)
    return _show_acted(asyncio.run(_acted(acting, selection)), done, as_json=as_json)


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
    chosen, count = asyncio.run(_counted(selection))
    if chosen:
        typer.confirm(f"{len(chosen)} of {count} dead letters will be {done}. Continue?", abort=True, err=True)
    return chosen


async def _counted(selection: DeadLetterFilter) -> tuple[frozenset[str], int]:
    ids: set[str] = set()
    count = 0
    async with _looked_through(administrator_target()) as (_, lots):
        async for lot in lots:
            ids.update(letter.id for letter in selection.apply(lot))
            count += len(lot)
    return frozenset(ids), count


async def _check(selection: DeadLetterFilter) -> None:
    """Raise OperatorError if one of the ids is none of a dead letter."""
    missing = set(selection.ids)
    async with _looked_through(administrator_target()) as (_, lots):
        async for lot in lots:
            missing.difference_update(letter.id for letter in selection.apply(lot))
    if missing:
        raise OperatorError(f"There is no dead letter {', '.join(sorted(missing))}; nothing was changed.")


async def _acted(acting: Acting, selection: DeadLetterFilter) -> list[str]:
    """Act on the dead letters that match, lot by lot, and return their ids; what an interruption leaves stays dead."""
    target = administrator_target()
    acted: list[str] = []
    async with _looked_through(target) as (held, lots), acting(target, held) as act:
        async for lot in lots:
            chosen = selection.apply(lot)
            await act(chosen)
            acted.extend(letter.id for letter in chosen)
    return acted


async def _describe(view: Callable[[DeadLetter], dict[str, Any]], selection: DeadLetterFilter, into: Spool) -> None:
    async with _looked_through(administrator_target()) as (_, lots):
        async for lot in lots:
            for letter in selection.apply(lot):
                into.add(view(letter))


@asynccontextmanager
async def _looked_through(
    target: ProvisionTarget,
) -> AsyncIterator[tuple[DeadLetters, AsyncIterator[Sequence[DeadLetter]]]]:
    """Yield the dead letters, and their lots, with progress on a terminal."""
    async with dead_letters(target) as held:
        with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
            task = progress.add_task("dead letters", total=await held.count())

            async def lots() -> AsyncIterator[Sequence[DeadLetter]]:
                async for lot in held.lots():
                    yield lot
                    progress.advance(task, len(lot))

            yield held, lots()


def _in_tables(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    left = iter(rows)
    while table := list(islice(left, _ROWS)):
        yield table


def _summary(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "queue": letter.queue,
        "message": letter.routing_key,
        "reason": letter.reason,
        "detail": letter.detail,
        "died_at": letter.died_at,
        "age": age_of(letter.died_at, now=datetime.now(UTC)),
    }


def _body(letter: DeadLetter, *, personal: bool) -> Any:
    content = letter.content
    if content is None:
        body = letter.message.body
        return body.decode(errors="replace") if personal else f"{len(body)} bytes that are not JSON"
    if personal:
        return content
    if not isinstance(content, dict):
        return masked(content)
    return content | {"data": masked(content["data"])} if "data" in content else content


def masked(value: Any) -> Any:
    """Return JSON values with every text masked except ids, which identify nobody without our own data."""
    match value:
        case dict():
            return {name: masked(each) for name, each in value.items()}
        case list():
            return [masked(each) for each in value]
        case str() if not _ID.fullmatch(value):
            return MASK
    return value
