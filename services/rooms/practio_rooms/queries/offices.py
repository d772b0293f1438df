"""Questions that are for a room's host and offices, and for the system."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.answers import Refusal
from practio_contracts.rooms import Room
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, holds_office, is_seen_by, not_allowed
from practio_rooms.tables import RoomRow


async def room_for_offices(session: AsyncSession, room_id: UUID, by: Actor) -> Room | Refusal:
    """Give a room to who holds an office in it, or speaks for the system; else say why not."""
    snapshot = await session.scalar(select(RoomRow.snapshot).where(RoomRow.room_id == room_id))
    room = snapshot and Room.model_validate(snapshot)
    if not room or not is_seen_by(room, by):
        return ROOM_UNKNOWN
    return (
        room
        if holds_office(room, by)
        else not_allowed("only the room's host, facilitators and stewards can see this: ask one of them")
    )
