"""`practio dead`: what services gave up, why, and what to do with it."""

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress

from practio_operator.console import complaints, console, show_table
from practio_operator.dead_letters.choice import Wanted, age_of
from practio_operator.dead_letters.queues import DeadLetter, Heed, dead_letters, drop, put_back
from practio_operator.errors import OperatorError
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets import administered

dead = typer.Typer(no_args_is_help=True, help="Messages that services gave up: list, show, retry, drop.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `practio dead list` names them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Queue = Annotated[str | None, typer.Option(help="Only of this queue, such as membership.commands.")]
OfMessage = Annotated[str | None, typer.Option("--message", help="Only of messages like this: 'people.*'.")]
OfReason = Annotated[str | None, typer.Option("--reason", help="Only with this reason, such as failed.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")]

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MASK = "•••"
_COLUMNS = ("id", "queue", "message", "reason", "age", "detail")


@dead.command("list")
def list_(queue: Queue = None, message: OfMessage = None, reason: OfReason = None, as_json: AsJson = False) -> None:
    """List the dead letters of all services: how many, and the reason and age of each.

    Example: practio dead list --message 'people.*' --reason gave-up
    """
    found = asyncio.run(_seen(_summary, Wanted(queue=queue, message=message, reason=reason)))
    if as_json:
        console.print_json(data=found)
        return
    if not found:
        console.print("No dead letters.")
        return
    show_table(_COLUMNS, ([each[name] for name in _COLUMNS] for each in found))
    console.print(f"{len(found)} dead letters.")


@dead.command()
def show(
    identity: Annotated[str, typer.Argument(metavar="ID", help="As `practio dead list` names it.")],
    personal: Annotated[bool, typer.Option("--personal", help="Names, addresses and texts too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as it does anyway.", show_default=False)] = True,
) -> None:
    """Print dead letters whole, as JSON; what may be personal is masked unless asked for.

    Example: practio dead show ID --personal | jq '.[].body.data'
    """

    def whole(letter: DeadLetter) -> dict[str, Any]:
        return _summary(letter) | {"account": letter.account, "body": _body(letter, personal=personal)}

    found = asyncio.run(_seen(whole, Wanted(ids=frozenset({identity}))))
    if not found:
        raise OperatorError(f"There is no dead letter {identity}.")
    console.print_json(data=found)


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
    """Put dead letters back into their queues: same id, same origin, all attempts again.

    Example: practio dead retry --queue membership.commands --reason failed
    """
    wanted = Wanted(frozenset(ids or ()), queue, message, reason)
    _act(put_back, wanted, everything, "put back", yes=yes, as_json=as_json)


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
    """Forget dead letters for good.

    Example: practio dead drop ID
    """
    wanted = Wanted(frozenset(ids or ()), queue, message, reason)
    _act(lambda _, letters, heed: drop(letters, heed), wanted, everything, "dropped", yes=yes, as_json=as_json)


Act = Callable[[ProvisionTarget, Sequence[DeadLetter], Heed], Coroutine[Any, Any, None]]


def _act(act: Act, wanted: Wanted, everything: bool, done: str, *, yes: bool, as_json: bool) -> None:
    if (wanted != Wanted()) == everything:
        raise OperatorError("Say which: one or more ids, a filter, or --all.")
    if not wanted.ids and not yes and sys.stdin.isatty():
        chosen = _confirmed(wanted, done)
        acted = asyncio.run(_acted(act, replace(wanted, ids=chosen))) if chosen else []
    else:
        acted = asyncio.run(_acted(act, wanted))
    if as_json:
        console.print_json(data=acted)
    else:
        console.print(f"{len(acted)} {done}.")


def _confirmed(wanted: Wanted, done: str) -> frozenset[str]:
    """Ask whether it is meant, and give the ids of the letters that were asked about; of none nothing is asked.

    Nothing is held meanwhile: others see the letters, and no connection breaks over somebody who thinks for minutes.
    """
    chosen, count = asyncio.run(_counted(wanted))
    if chosen:
        typer.confirm(f"{len(chosen)} of {count} dead letters will be {done}. Go on?", abort=True, err=True)
    return chosen


async def _counted(wanted: Wanted) -> tuple[frozenset[str], int]:
    async with dead_letters(administered()) as letters:
        return frozenset(letter.id for letter in wanted.among(letters)), len(letters)


async def _acted(act: Act, wanted: Wanted) -> list[str]:
    target = administered()
    async with dead_letters(target) as letters:
        chosen = wanted.among(letters)
        if missing := wanted.ids - {letter.id for letter in chosen}:
            raise OperatorError(f"There is no dead letter {', '.join(sorted(missing))}; nothing was done.")
        with Progress(console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
            task = progress.add_task("dead letters", total=len(chosen))
            await act(target, chosen, lambda more: progress.advance(task, more))
        return [letter.id for letter in chosen]


async def _seen(look: Callable[[DeadLetter], dict[str, Any]], wanted: Wanted) -> list[dict[str, Any]]:
    async with dead_letters(administered()) as letters:
        return [look(letter) for letter in wanted.among(letters)]


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
        return body.decode(errors="replace") if personal else f"{len(body)} bytes that are no JSON"
    if personal:
        return content
    if not isinstance(content, dict):
        return masked(content)
    return content | {"data": masked(content["data"])} if "data" in content else content


def masked(value: Any) -> Any:
    """Give JSON values with every text masked but ids, of which no person can be known without our own data."""
    match value:
        case dict():
            return {name: masked(each) for name, each in value.items()}
        case list():
            return [masked(each) for each in value]
        case str() if not _ID.fullmatch(value):
            return MASK
    return value
