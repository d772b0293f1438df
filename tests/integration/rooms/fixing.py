"""Rooms as they were, for reports over many rooms: months that are over, with people, sessions and attendance."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.planning import change
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import RegisterSponsor, ReportRooms, RoomsReport
from practio_rooms.app import SERVICE
from practio_rooms.domain.lots import month_before
from practio_rooms.periodic.months import fix_once

THIS_MONTH = datetime.now(UTC).date().replace(day=1)


def months_ago(number: int) -> date:
    """Return the first day of the month so many months ago."""
    month = THIS_MONTH
    for _ in range(number):
        month = month_before(month)
    return month


def at(month: date, day: int = 10) -> datetime:
    """Return an evening of a month."""
    return datetime(month.year, month.month, day, 18, tzinfo=UTC)


async def register(catalogue: Catalogue, *delegates: UUID, sponsor_id: UUID | None = None, **fields: Any) -> UUID:
    """Register a sponsor; return its id."""
    stated = {"name": "Schools of Lucca", "kind": "organisation", "delegate_ids": delegates} | fields
    command = RegisterSponsor(sponsor_id=sponsor_id or uuid4(), **stated)
    [answer] = await catalogue.handle(received(command, actor=SYSTEM, account="practio-rooms"))
    assert answer["type"] == "practio.rooms.command-accepted.v1", answer
    return command.sponsor_id


async def a_room_since(catalogue: Catalogue, month: date, sponsor_id: UUID | None = None, **fields: Any) -> UUID:
    """Publish a room, as it was in a month."""
    if sponsor_id:
        fields["sponsor"] = {"sponsor_id": str(sponsor_id)}
    [room_id] = await catalogue.publish(a_room(time_zone="UTC", **fields), host=uuid4())
    await change(catalogue, "UPDATE room SET published_at = :at WHERE room_id = :room", at=at(month, 1), room=room_id)
    return room_id


async def come(
    catalogue: Catalogue, room_id: UUID, person: UUID, month: date, left: date | None = None, *, waited: bool = False
) -> None:
    """Let a person come to a room in a month, and leave it in another."""
    await change(
        catalogue,
        "INSERT INTO passage (membership_id, room_id, person_id, waitlisted_at, joined_at, left_at) "
        "VALUES (:id, :room, :person, :waited, :joined, :left)",
        id=uuid4(),
        room=room_id,
        person=person,
        waited=at(month, 3) if waited else None,
        joined=at(month, 5),
        left=left and at(left, 20),
    )


async def meet(catalogue: Catalogue, room_id: UUID, month: date, *present: UUID, day: int = 10) -> UUID:
    """Let people of a room meet."""
    session_id = uuid4()
    await change(
        catalogue,
        "INSERT INTO session (room_id, session_id, starts_at, ends_at, time_zone, status, revision, has_own_time, "
        "asked, over_published) VALUES (:room, :id, :at, CAST(:at AS timestamptz) + interval '1 hour', 'UTC', "
        "'scheduled', 0, false, '', true)",
        room=room_id,
        id=session_id,
        at=at(month, day),
    )
    for person in present:
        await change(
            catalogue,
            "INSERT INTO attendance (room_id, session_id, person_id, was_present, has_seat, recorded_at) "
            "VALUES (:room, :id, :person, true, true, :at)",
            room=room_id,
            id=session_id,
            person=person,
            at=at(month, day),
        )
    return session_id


async def a_note(catalogue: Catalogue, room_id: UUID, month: date, *, confidential: bool = False) -> None:
    """Keep a note of a room, of a month."""
    await change(
        catalogue,
        "INSERT INTO note (note_id, room_id, kind, confidential, status, version, title, text, recorded_at, asked, "
        "dictionary) VALUES (:id, :room, 'insight', :confidential, 'kept', 1, 'A note', 'Text', :at, '', 'simple')",
        id=uuid4(),
        room=room_id,
        confidential=confidential,
        at=at(month),
    )


async def fix_all(catalogue: Catalogue) -> list[date]:
    """Fix every month that is due; return them."""
    running = Running(Transaction(SERVICE, session_maker(catalogue.pool)).background, None)
    fixed = []
    while month := await fix_once(running, chunk=3):
        fixed.append(month)
    return fixed


async def unfix(catalogue: Catalogue, first: date) -> None:
    """Let a month, and those after it, be fixed again, of rooms that have not been."""
    await change(catalogue, "DELETE FROM month_fixed WHERE month >= :first", first=first)


async def asked(catalogue: Catalogue, actor: UUID | str = SYSTEM, /, **fields: Any) -> Any:
    """Ask for a report; return the result, or the code of the refusal."""
    query = ReportRooms.model_validate({"by": "room"} | fields)
    answer = await catalogue.ask(query, actor, datetime.now(UTC))
    return answer.code if isinstance(answer, Refusal) else answer


async def report(catalogue: Catalogue, actor: UUID | str = SYSTEM, /, **fields: Any) -> RoomsReport:
    """Ask for a report that is allowed."""
    answer = await asked(catalogue, actor, **fields)
    assert isinstance(answer, RoomsReport), answer
    return answer
