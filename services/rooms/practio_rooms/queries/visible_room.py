"""A room as an actor may know of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import Room
from practio_rooms.domain.room import Actor, holds_office, is_visible_to
from practio_rooms.tables import EndingRow, PresenceRow, RoomRow, room_of

_ROOM, _PERSON = bindparam("room", type_=Uuid), bindparam("person", type_=Uuid)


@dataclass(frozen=True, slots=True)
class VisibleRoom:
    """A room, and what a query shows of it beyond its snapshot.

    ``is_whole``: the actor is in the room or its offices, and sees place and link. ``was_in_it``: the actor was in the
    room until it ended. ``row`` has what else was asked for.
    """

    room: Room
    is_whole: bool
    was_in_it: bool
    roles_taken: dict[str, int]
    proposed_host_id: UUID | None
    row: Row[Any]


def visible(*more: ColumnElement[Any]) -> Select[Any]:
    """Return the statement for a room with ``more`` columns about it, made once: that takes as long as to run it."""
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == _PERSON)
    was_in_it = exists().where(
        EndingRow.room_id == RoomRow.room_id, EndingRow.person_id == _PERSON, EndingRow.was_in_it
    )
    columns = (RoomRow.snapshot, RoomRow.roles_taken, RoomRow.proposed_host_id, RoomRow.origin_id)
    statement = select(*columns, is_in_it.label("is_in_it"), was_in_it.label("was_in_it"), *more)
    return statement.where(RoomRow.room_id == _ROOM)


_VISIBLE = visible()


async def visible_room(
    session: AsyncSession, room_id: UUID, by: Actor, *, statement: Select[Any] = _VISIBLE, **values: Any
) -> VisibleRoom | None:
    """Return a room that the actor may know of, or None; ``values`` are those of what else a ``statement`` asks for."""
    person = by if isinstance(by, UUID) else None
    found = (await session.execute(statement, {"room": room_id, "person": person, **values})).one_or_none()
    if found is None:
        return None
    room = room_of(found.snapshot, found.origin_id)
    if not is_visible_to(room, by):
        return None
    is_whole = found.is_in_it or holds_office(room, by)
    return VisibleRoom(room, is_whole, found.was_in_it, found.roles_taken, found.proposed_host_id, found)
