"""What gauges show of all letters and addresses."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.tables import LetterRow, SuppressionRow

_IS_TO_LEAVE = LetterRow.due_at.is_not(None)


async def letters_to_leave(session: AsyncSession) -> dict[str, int]:
    """Return how many letters are to leave, now or later, by status; the letters in a digest are that one letter."""
    by_status = select(LetterRow.status, func.count()).where(_IS_TO_LEAVE).group_by(LetterRow.status)
    return {row[0]: row[1] for row in await session.execute(by_status)}


async def letters_kept_by(session: AsyncSession, reason: str) -> int:
    """Return how many letters are to leave and have not, for a reason."""
    return await session.scalar(select(func.count()).where(_IS_TO_LEAVE, LetterRow.reason == reason)) or 0


async def suppressed_addresses(session: AsyncSession) -> int:
    """Return how many addresses are not written to."""
    return await session.scalar(select(func.count()).select_from(SuppressionRow)) or 0
