"""Rooms from a file: each is drafted, gets its dates, and is published, in the name of its host."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.mail_addresses import address_key
from practio_contracts.message import Command
from practio_contracts.notifications import Introduce
from practio_contracts.rooms import (
    CancelSession,
    GetRoom,
    PublishRoom,
    RefusalCode,
    RoomResult,
    RoomStatus,
    Scope,
    SessionStatus,
)
from practio_operator.imports.csv_file import CsvFile, CsvLine
from practio_operator.imports.introducing import People, introduce
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import (
    LineOutcome,
    LineRefusal,
    Made,
    OnProgress,
    id_of,
    record,
    refused,
    run_of,
)
from practio_operator.imports.room_columns import RoomLine, room_id_of, session_id_of
from practio_operator.imports.scheduling import lines_left, run_concurrently

MOST_DATES = 50
"""How often the dates of a draft may be corrected."""

IMPORTED = "published"
"""The outcome of a room's line."""

BEFORE = "published before"
"""The outcome of the line of a room that an earlier run published without recording it."""

Send = Callable[[str, Command], Awaitable[CommandAccepted | CommandRefused]]
"""Sends a command in the host's name, under the id of a step."""

StatusOf = Callable[[UUID], Awaitable[RoomStatus | None]]

_IS_THERE = "this room was imported before and is published: change it on its pages, its line is not read again"
_BEFORE = "an earlier run published it and did not get the answer; its line is not read again: change it on its pages"
_STAYS = "; the room is a draft meanwhile: correct the line and run the same command again"


async def import_rooms(
    client: Client,
    csv_file: CsvFile[RoomLine],
    progress: ImportProgress,
    on_progress: OnProgress,
    *,
    people: People,
) -> None:
    """Publish the room of each line: hosts concurrently, the rooms of a host in order.

    A host who is not among ``people`` is introduced as the system. Raise ClientError if the broker fails.
    """

    async def import_host(lines: Sequence[CsvLine[RoomLine]]) -> None:
        run = run_of(csv_file, progress, lines[0].key)
        first = lines[0].message
        host = people.get(address_key(first.host)) or await introduce(
            client, _introduction(first), actor=SYSTEM, id=id_of(run, lines[0].key, "introduce")
        )
        for line in lines:
            outcome: LineOutcome = host if isinstance(host, LineRefusal) else await import_room(line, host)
            record(progress, line, outcome, on_progress)

    async def import_room(line: CsvLine[RoomLine], host: UUID) -> LineOutcome:
        run = run_of(csv_file, progress, line.key)

        async def send(step: str, command: Command) -> CommandAccepted | CommandRefused:
            return await client.send(command, actor=host, id=id_of(run, line.key, step))

        async def status_of(room_id: UUID) -> RoomStatus | None:
            answer = await client.ask(GetRoom(room_id=room_id), actor=host)
            return RoomResult.model_validate(answer.result).room.status if answer.result else None

        room_id = room_id_of(progress.seed(csv_file.digest), line.message)
        refusal = await _publish(line.message, room_id, send, status_of)
        if refusal is None:
            return Made(IMPORTED, room_id, f"room {room_id}")
        return _outcome(refusal, room_id, await status_of(room_id), is_known=room_id in progress.ids.values())

    hosts = _by_host(lines_left(csv_file, progress))
    await run_concurrently(partial(import_host, lines) for lines in hosts.values())


async def _publish(room: RoomLine, room_id: UUID, send: Send, status_of: StatusOf) -> CommandRefused | None:
    """Draft a room, plan its dates, publish it; a draft of an earlier run takes what the line states by now.

    Return the refusal of the first step that was refused.
    """
    drafted = await send("create", room.create(room_id))
    is_new = isinstance(drafted, CommandAccepted) and drafted.changed
    if (
        isinstance(drafted, CommandRefused)
        and drafted.code == RefusalCode.ID_TAKEN
        and await _is_draft(room_id, status_of)
    ):
        drafted = await send("revise", room.revise(room_id))
    if isinstance(drafted, CommandRefused):
        return drafted
    is_planned = room.session is None and (is_new or not await _is_draft(room_id, status_of))
    refusal = None if is_planned else await _plan(room, room_id, send, status_of)
    if refusal is None and isinstance(answer := await send("publish", PublishRoom(room_id=room_id)), CommandRefused):
        refusal = answer
    return refusal


def _outcome(refusal: CommandRefused, room_id: UUID, status: RoomStatus | None, *, is_known: bool) -> LineOutcome:
    """Return what a refused line comes to: a draft stays, a published room is never changed by its line.

    ``is_known``: an earlier run has recorded the room; otherwise its last answer was lost, and it is recorded now.
    """
    found = refused(refusal)
    if status is RoomStatus.DRAFT:
        return LineRefusal(found.code, found.detail + _STAYS)
    if status is not RoomStatus.PUBLISHED:
        return found
    return LineRefusal(found.code, _IS_THERE) if is_known else Made(BEFORE, room_id, f"room {room_id}; {_BEFORE}")


async def _is_draft(room_id: UUID, status_of: StatusOf) -> bool:
    return await status_of(room_id) is RoomStatus.DRAFT


async def _plan(room: RoomLine, room_id: UUID, send: Send, status_of: StatusOf) -> CommandRefused | None:
    """Plan the dates of a line, if it states any; in a draft, other dates of an earlier run are called off.

    Return why they are not planned. An id stays that of its dates for ever, so others get the next id.
    """
    refusal = None
    for number in range(MOST_DATES):
        session_id = session_id_of(room_id, number)
        if schedule := room.schedule(room_id, session_id):
            answer = await send(f"schedule {number}" if number else "schedule", schedule)
            if isinstance(answer, CommandAccepted):
                if answer.state.get("status") == SessionStatus.CANCELLED and await _is_draft(room_id, status_of):
                    continue
                return None
            refusal = answer
            if answer.code != RefusalCode.ID_TAKEN or not await _is_draft(room_id, status_of):
                break
        cancel = CancelSession(room_id=room_id, session_id=session_id, scope=Scope.FOLLOWING)
        called_off = await send(f"cancel {number}", cancel)
        if isinstance(called_off, CommandRefused) and called_off.code != RefusalCode.SESSION_PAST:
            return None if called_off.code == RefusalCode.SESSION_UNKNOWN and not schedule else called_off
    return refusal


def _by_host(lines: Sequence[CsvLine[RoomLine]]) -> Mapping[str, Sequence[CsvLine[RoomLine]]]:
    hosts: dict[str, list[CsvLine[RoomLine]]] = {}
    for line in lines:
        hosts.setdefault(address_key(line.message.host), []).append(line)
    return hosts


def _introduction(line: RoomLine) -> Introduce:
    """Return the introduction of a host, whose letters are in the language and the time zone of their room."""
    return Introduce(
        email=line.host,
        display_name=line.host_name,
        locale=line.room.get("language"),
        time_zone=line.room["time_zone"],
    )
