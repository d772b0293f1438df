"""What is said of each line, and what becomes of it.

The ids of messages follow from the file and the line, so whatever is said twice has the effect of once. Each file is
a ``source`` of its own, in which every person's first event is their only one (contracts.md, Envelope: ``sequence``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID, uuid5

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.client import Client, ClientError
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import ApproveRequest, RequestToJoin, Status
from practio_contracts.message import Message
from practio_contracts.people import PersonRegistered
from practio_operator.imports.csv_file import NAMESPACE, Line, Sheet
from practio_operator.imports.notes import Notes

M = TypeVar("M", bound=Message)

AT_ONCE = 50
TOLD = "told"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a line was not taken."""

    code: str
    detail: str


Became = str | Refused
Heed = Callable[[int, Became], None]
"""Takes a line's number and what became of it."""


def source_of(sheet: Sheet[Any]) -> str:
    """Give the envelope's ``source`` for what a file says."""
    return f"urn:practio:import:{sheet.digest[:16]}"


async def tell_people(client: Client, sheet: Sheet[PersonRegistered], notes: Notes, heed: Heed) -> None:
    """Tell who people are, many at a time; raises ClientError."""

    async def tell(line: Line[PersonRegistered]) -> None:
        await client.publish_event(line.message, sequence=1, id=_id(sheet.digest, line.key, "tell"))
        notes.done_with(line.key, TOLD)
        heed(line.number, TOLD)

    await _side_by_side(partial(tell, line) for line in _left(sheet.lines, notes))


async def bring_members(client: Client, sheet: Sheet[RequestToJoin], notes: Notes, heed: Heed) -> None:
    """Ask and approve for each line, rooms side by side, a room's lines in their order: so they stand in its queue.

    Raises ClientError.
    """

    async def bring(lines: Sequence[Line[RequestToJoin]]) -> None:
        for line in lines:
            became = await _bring_one(client, line, f"{sheet.digest}{notes.refusals[line.key]}")
            if isinstance(became, Refused):
                notes.refused(line.key, became.code)
            else:
                notes.done_with(line.key, became)
            heed(line.number, became)

    ordered = sorted(_left(sheet.lines, notes), key=lambda line: (line.message.room_id, line.number))
    rooms = [list(lines) for _, lines in groupby(ordered, key=lambda line: line.message.room_id)]
    await _side_by_side(partial(bring, lines) for lines in rooms)


async def _bring_one(client: Client, line: Line[RequestToJoin], run: str) -> Became:
    """Give the status that the person has in the end; in an open room asking is all there is to do."""
    became = _became(await client.send(line.message, actor=SYSTEM, id=_id(run, line.key, "ask")))
    if became != Status.REQUESTED:
        return became
    approval = ApproveRequest(room_id=line.message.room_id, person_id=line.message.person_id)
    return _became(await client.send(approval, actor=SYSTEM, id=_id(run, line.key, "approve")))


def _became(answer: CommandAccepted | CommandRefused) -> Became:
    if isinstance(answer, CommandRefused):
        fields = "".join(f"; {error.field}: {error.message}" for error in answer.errors)
        return Refused(answer.code, answer.detail + fields)
    return str(answer.state["status"])


def _left(lines: Iterable[Line[M]], notes: Notes) -> list[Line[M]]:
    return [line for line in lines if line.key not in notes.done]


def _id(run: str, key: UUID, step: str) -> UUID:
    return uuid5(uuid5(NAMESPACE, run), f"{key} {step}")


async def _side_by_side(jobs: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Do all, a limited number at a time; raises the first ClientError, once what was begun has ended."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(AT_ONCE):
                workers.create_task(work())
    except BaseExceptionGroup as errors:
        raise next((each for each in errors.exceptions if isinstance(each, ClientError)), errors) from None
