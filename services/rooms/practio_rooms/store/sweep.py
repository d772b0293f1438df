"""What the sweep looks for: the view that `practio invariants` reads too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

_TO_WATCH = table("session_to_watch", column("room_id", Uuid), column("session_id", Uuid))


async def rooms_to_watch(session: AsyncSession, *, most: int) -> Sequence[UUID]:
    """Return rooms with a session that is over, or is to be checked, and was not."""
    found = await session.scalars(select(_TO_WATCH.c.room_id).limit(most))
    return list(dict.fromkeys(found))
