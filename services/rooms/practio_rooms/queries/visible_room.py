"""A room as an actor may know of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import Room
from practio_rooms.domain.room import Actor, holds_office, is_visible_to
from practio_rooms.tables import EndingRow, PresenceRow, RoomRow, room_of


@dataclass(frozen=True, slots=True)
class VisibleRoom:
    """A room, and what a query shows of it beyond its snapshot.

    ``is_whole``: the actor is in the room or its offices, and sees place and link. ``was_in_it``: the actor was in the
    room until it ended.
    """

    room: Room
    is_whole: bool
    was_in_it: bool
    roles_taken: dict[str, int]
    proposed_host_id: UUID | None


async def visible_room(session: AsyncSession, room_id: UUID, by: Actor) -> VisibleRoom | None:
    """Return a room that the actor may know of, or None."""
    person = by if isinstance(by, UUID) else None
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == person)
    was_in_it = exists().where(EndingRow.room_id == RoomRow.room_id, EndingRow.person_id == person, EndingRow.was_in_it)
    statement = select(
        RoomRow.snapshot, is_in_it, was_in_it, RoomRow.roles_taken, RoomRow.proposed_host_id, RoomRow.origin_id
    )
    found = (await session.execute(statement.where(RoomRow.room_id == room_id))).one_or_none()
    if found is None:
        return None
    room = room_of(found[0], found[5])
    if not is_visible_to(room, by):
        return None
    return VisibleRoom(room, found[1] or holds_office(room, by), found[2], found[3], found[4])
