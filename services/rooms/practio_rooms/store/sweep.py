"""What the sweep looks for: the view that `practio invariants` reads too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import DateTime, Uuid, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

_TO_WATCH = table("session_to_watch", column("room_id", Uuid), column("due_at", DateTime(timezone=True)))


async def rooms_to_watch(session: AsyncSession, *, most: int) -> Sequence[UUID]:
    """Return rooms with a session that is over, or is to be checked, and was not; those that wait longest first."""
    rooms = select(_TO_WATCH.c.room_id).group_by(_TO_WATCH.c.room_id)
    longest_first = rooms.order_by(func.min(_TO_WATCH.c.due_at), _TO_WATCH.c.room_id)
    return (await session.scalars(longest_first.limit(most))).all()
