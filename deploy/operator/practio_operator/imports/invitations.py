"""Invitations for the lines of a file of members: a letter each, a seat only for those who accept."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import Invite, RefusalCode, RequestToJoin, Status
from practio_contracts.rooms import RoomStatus
from practio_operator.imports.csv_file import CsvFile, CsvLine
from practio_operator.imports.known_rooms import host_once_known, room_of
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, LineRefusal, OnProgress, id_of, outcome_of, record, run_of
from practio_operator.imports.scheduling import lines_by_room, run_concurrently

Lines = Sequence[CsvLine[RequestToJoin]]

_UNKNOWN = LineRefusal(RefusalCode.ROOM_UNKNOWN, "there is no published room with this id: import its room first")
_NOT_OPEN = LineRefusal(RefusalCode.ROOM_NOT_OPEN, "the room takes nobody in: only a published room does")


async def invite_members(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress, on_progress: OnProgress
) -> None:
    """Invite the person of each line as the system, to the first of their roles: rooms concurrently.

    Raise ClientError if the broker fails.
    """

    async def invite_room(room_id: UUID, lines: Lines) -> None:
        await host_once_known(client, room_id)
        for line in lines:
            id_ = id_of(run_of(csv_file, progress, line.key), line.key, "invite")
            answer = await client.send(_invitation(line.message), actor=SYSTEM, id=id_)
            record(progress, line, outcome_of(answer), on_progress)

    rooms = lines_by_room(csv_file, progress)
    await run_concurrently(partial(invite_room, room_id, lines) for room_id, lines in rooms.items())


async def try_invitations(
    client: Client, csv_file: CsvFile[RequestToJoin], progress: ImportProgress, on_progress: OnProgress
) -> None:
    """Report what would become of each invitation, as far as its room shows; raise ClientError if the broker fails."""

    async def try_room(room_id: UUID, lines: Lines) -> None:
        room = await room_of(client, room_id)
        for line in lines:
            outcome: LineOutcome = Status.INVITED
            if room is None:
                outcome = _UNKNOWN
            elif room.status is not RoomStatus.PUBLISHED:
                outcome = _NOT_OPEN
            elif (role := _role(line.message)) and role.casefold() not in {each.name.casefold() for each in room.roles}:
                outcome = LineRefusal(RefusalCode.ROLE_UNKNOWN, "the room has no such role")
            on_progress(line.number, outcome)

    rooms = lines_by_room(csv_file, progress)
    await run_concurrently(partial(try_room, room_id, lines) for room_id, lines in rooms.items())


def _invitation(request: RequestToJoin) -> Invite:
    return Invite(room_id=request.room_id, person_id=request.person_id, role=_role(request))


def _role(request: RequestToJoin) -> str | None:
    return request.roles[0] if request.roles else None
