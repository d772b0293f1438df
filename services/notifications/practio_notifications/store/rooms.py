"""Rooms by their newest event."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import Room
from practio_notifications.tables import RoomRow


async def room_with(session: AsyncSession, room_id: UUID) -> Room | None:
    """Return the room with this id; None if it is not known."""
    row = await session.get(RoomRow, room_id)
    return Room.model_validate(row.snapshot) if row else None


async def delete_room(session: AsyncSession, row: RoomRow) -> None:
    """Delete a room that a batch may have added before."""
    await session.flush()
    await session.delete(row)
