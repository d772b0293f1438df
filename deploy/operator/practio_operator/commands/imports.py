"""`practio import-people` and `practio import-members`: what exists already, out of a CSV file."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import Progress
from yarl import URL

from practio_contracts.client import Client, ClientError
from practio_contracts.message import Message
from practio_operator.console import complaints, console
from practio_operator.errors import OperatorError, sentence
from practio_operator.imports.columns import MEMBERS, PEOPLE
from practio_operator.imports.csv_file import Sheet, read_sheet
from practio_operator.imports.notes import Notes
from practio_operator.imports.publishing import Became, Heed, Refused, bring_members, source_of, tell_people
from practio_operator.targets import publisher_url

LEFT = 3
"""The exit code where lines were bad or refused; all others were taken."""

M = TypeVar("M", bound=Message)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A CSV file in UTF-8; see deploy/README.md for its columns.")
]
ForReal = Annotated[bool, typer.Option("--for-real", help="Do it; without this, say what would be done.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: every line, and how many of each outcome.")]

READY, BEFORE, REPEATS, BAD, REFUSED = "ready", "done before", "repeats another", "bad", "refused"
_PASSED_OVER = frozenset({READY, BEFORE, "told", "joined"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of a line of the file; ``line`` counts from 1 with the header."""

    line: int
    outcome: str
    detail: str | None = None


def import_people(file: File, for_real: ForReal = False, as_json: AsJson = False) -> None:
    """Tell the services who people are: an event people.person-registered.v1 a line.

    Safe to repeat, and after an interruption it goes on. Exits with 3 where lines are bad.

    Example: practio import-people people.csv --for-real
    """
    _import(file, read_sheet(file, PEOPLE), tell_people, for_real=for_real, as_json=as_json)


def import_members(file: File, for_real: ForReal = False, as_json: AsJson = False) -> None:
    """Bring people into rooms, by asking and approving as the system, in the order of the lines.

    A full room puts them on its waitlist. Safe to repeat, and after an interruption it goes on. Exits with 3 where
    lines are bad or refused; refused ones are tried again the next time.

    Example: practio import-members room.csv --for-real
    """
    _import(file, read_sheet(file, MEMBERS), bring_members, for_real=for_real, as_json=as_json)


Say = Callable[[Client, Sheet[M], Notes, Heed], Awaitable[None]]


def _import(file: Path, sheet: Sheet[M], say: Say[M], *, for_real: bool, as_json: bool) -> None:
    notes = Notes.beside(file)
    became: dict[int, Outcome] = {}
    for line in sheet.lines:
        became[line.number] = Outcome(line.number, BEFORE if line.key in notes.done else READY)
    if for_real:
        _say_all(publisher_url(), sheet, say, notes, became)
    _report([*became.values(), *_set_aside(sheet)], for_real=for_real, as_json=as_json)


def _place(url: str) -> str:
    return f"{URL(url).host}:{URL(url).port or 5672}{URL(url).path}"


def _say_all(url: str, sheet: Sheet[M], say: Say[M], notes: Notes, became: dict[int, Outcome]) -> None:
    async def spoken(heed: Heed) -> None:
        async with Client.connect(url, source=source_of(sheet)) as client:
            await say(client, sheet, notes, heed)

    notes.open(broker=_place(url))
    with Progress(console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
        left = sum(each.outcome == READY for each in became.values())
        task = progress.add_task("Importing", total=left)

        def heed(number: int, told: Became) -> None:
            became[number] = _outcome(number, told)
            progress.advance(task)

        try:
            asyncio.run(spoken(heed))
        except ClientError as error:
            done = sum(each.outcome != READY for each in became.values())
            raise OperatorError(
                f"{sentence(error)}. {done} lines are done; the same command goes on from there."
            ) from None


def _outcome(number: int, told: Became) -> Outcome:
    if isinstance(told, Refused):
        return Outcome(number, REFUSED, f"{told.code}: {told.detail}")
    return Outcome(number, told)


def _set_aside(sheet: Sheet[M]) -> list[Outcome]:
    return [
        *(Outcome(fault.number, BAD, fault.detail) for fault in sheet.faults),
        *(Outcome(number, REPEATS, f"line {first}") for number, first in sheet.repeats.items()),
    ]


def _report(outcomes: list[Outcome], *, for_real: bool, as_json: bool) -> None:
    outcomes.sort(key=lambda each: each.line)
    counts = Counter(each.outcome for each in outcomes)
    if as_json:
        console.print_json(
            data={"for_real": for_real, "counts": dict(counts), "lines": [asdict(each) for each in outcomes]}
        )
    else:
        for each in outcomes:
            if each.outcome not in _PASSED_OVER:
                told = each.outcome + (f": {each.detail}" if each.detail else "")
                console.print(f"line {each.line}: {told}", markup=False)
        console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "No lines.")
        if not for_real:
            console.print("Nothing was done; --for-real does it.")
    if counts[BAD] or counts[REFUSED]:
        raise typer.Exit(LEFT)
