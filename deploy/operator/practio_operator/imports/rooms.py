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
from practio_contracts.rooms import GetRoom, PublishRoom, RefusalCode, RoomResult, RoomStatus
from practio_operator.imports.csv_file import CsvFile, Line
from practio_operator.imports.introducing import People, introduce
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, Made, OnProgress, Refused, id_of, record, refused, run_of
from practio_operator.imports.room_columns import RoomLine, room_id_of, session_id_of
from practio_operator.imports.scheduling import lines_left, run_concurrently

IMPORTED = "published"
"""The outcome of a room's line."""

Send = Callable[[str, Command], Awaitable[CommandAccepted | CommandRefused]]
"""Sends a command in the host's name, under the id of a step."""

IsDraft = Callable[[UUID], Awaitable[bool]]

_IS_THERE = "this room was imported before and is published: change it on its pages, its line is not read again"
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

    async def import_host(lines: Sequence[Line[RoomLine]]) -> None:
        run = run_of(csv_file, progress, lines[0].key)
        first = lines[0].message
        host = people.get(address_key(first.host)) or await introduce(
            client, _introduction(first), actor=SYSTEM, id=id_of(run, lines[0].key, "introduce")
        )
        for line in lines:
            outcome: LineOutcome = host if isinstance(host, Refused) else await import_room(line, host)
            record(progress, line, outcome, on_progress)

    async def import_room(line: Line[RoomLine], host: UUID) -> LineOutcome:
        run = run_of(csv_file, progress, line.key)

        async def send(step: str, command: Command) -> CommandAccepted | CommandRefused:
            return await client.send(command, actor=host, id=id_of(run, line.key, step))

        async def is_draft(room_id: UUID) -> bool:
            answer = await client.ask(GetRoom(room_id=room_id), actor=host)
            return bool(answer.result) and RoomResult.model_validate(answer.result).room.status is RoomStatus.DRAFT

        room_id = room_id_of(progress.seed(csv_file.digest), line.message)
        return await _publish(line.message, room_id, send, is_draft)

    hosts = _by_host(lines_left(csv_file, progress))
    await run_concurrently(partial(import_host, lines) for lines in hosts.values())


async def _publish(room: RoomLine, room_id: UUID, send: Send, is_draft: IsDraft) -> LineOutcome:
    """Draft a room, plan its dates, publish it; a draft of an earlier run takes what the line states by now."""
    drafted = await send("create", room.create(room_id))
    if isinstance(drafted, CommandRefused) and drafted.code == RefusalCode.ID_TAKEN:
        if not await is_draft(room_id):
            return Refused(drafted.code, _IS_THERE)
        drafted = await send("revise", room.revise(room_id))
    if isinstance(drafted, CommandRefused):
        return refused(drafted)
    schedule = room.schedule(room_id, session_id_of(room_id))
    for step, command in (("schedule", schedule), ("publish", PublishRoom(room_id=room_id))):
        if command and isinstance(answer := await send(step, command), CommandRefused):
            found = refused(answer)
            return Refused(found.code, found.detail + _STAYS if await is_draft(room_id) else _IS_THERE)
    return Made(IMPORTED, room_id, f"room {room_id}")


def _by_host(lines: Sequence[Line[RoomLine]]) -> Mapping[str, Sequence[Line[RoomLine]]]:
    hosts: dict[str, list[Line[RoomLine]]] = {}
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
