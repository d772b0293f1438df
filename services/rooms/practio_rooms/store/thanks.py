"""Thanks: read when a command needs them, and written at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_rooms.tables import ThanksRow


async def thanks_with(session: AsyncSession, thanks_id: UUID) -> str | None:
    """Return the fingerprint of a word of thanks, or None."""
    return await session.scalar(select(ThanksRow.asked).where(ThanksRow.thanks_id == thanks_id))


async def thanked_since(session: AsyncSession, room_id: UUID, author_id: UUID, since: datetime) -> Sequence[datetime]:
    """Return when a person thanked somebody in a room after an instant."""
    own = (ThanksRow.author_id == author_id, ThanksRow.room_id == room_id, ThanksRow.thanked_at > since)
    return (await session.scalars(select(ThanksRow.thanked_at).where(*own))).all()


async def save_thanks(session: AsyncSession, **columns: Any) -> None:
    """Write a word of thanks."""
    await session.execute(insert(ThanksRow), [columns])
