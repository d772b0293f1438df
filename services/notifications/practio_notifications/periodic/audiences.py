"""The rooms that timers write to, and the people in them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.database.reading import readable
from practio_contracts.rooms import Room, SessionScheduled
from practio_notifications.letters.recipients import Audience
from practio_notifications.store.projections import rows_of
from practio_notifications.store.seats import seats_of
from practio_notifications.tables import RoomRow, SessionRow


async def audiences(context: MessageContext[Any], room_ids: Iterable[UUID], unread: set[UUID]) -> dict[UUID, Audience]:
    """Return known rooms with the people who have a seat in them; those that cannot be read join ``unread``."""
    found = await rows_of(context.session, RoomRow.room_id, room_ids)
    rooms = readable(found, lambda row: Room.model_validate(row.snapshot), unread, table="room")
    seats = await seats_of(context.session, rooms)
    return {
        room_id: Audience(room, frozenset(seat.person_id for seat in seats if seat.room_id == room_id))
        for room_id, room in rooms.items()
    }


def scheduled(
    rows: Iterable[SessionRow], by_room: Mapping[UUID, Audience], unread: set[UUID]
) -> dict[UUID, SessionScheduled]:
    """Return the event of each session, by the session's id; the ids of those that cannot be read join ``unread``."""

    def read(row: SessionRow) -> SessionScheduled:
        return SessionScheduled.model_validate({"room": by_room[row.room_id].room, "session": row.snapshot})

    return readable({row.session_id: row for row in rows}, read, unread, table="session")
