"""Access to the queries for a room's offices and the system."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.answers import Refusal
from practio_contracts.rooms import Room
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, holds_office, is_visible_to, not_allowed
from practio_rooms.tables import RoomRow


async def room_for_offices(session: AsyncSession, room_id: UUID, by: Actor) -> Room | Refusal:
    """Return a room to an actor who holds an office in it or is the system; otherwise the refusal."""
    snapshot = await session.scalar(select(RoomRow.snapshot).where(RoomRow.room_id == room_id))
    room = snapshot and Room.model_validate(snapshot)
    if not room or not is_visible_to(room, by):
        return ROOM_UNKNOWN
    return (
        room
        if holds_office(room, by)
        else not_allowed("only the room's host, facilitators and stewards can see this: ask one of them")
    )
