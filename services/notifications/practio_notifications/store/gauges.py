"""What gauges show of all letters and addresses."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_notifications.tables import LetterRow, SuppressionRow

_IS_TO_LEAVE = LetterRow.due_at.is_not(None)


class LettersToLeave(NamedTuple):
    """How many letters are to leave, now or later, by status, and how many of them are kept for a reason."""

    by_status: Mapping[str, int]
    kept: int


async def letters_to_leave(session: AsyncSession, *, kept_by: str) -> LettersToLeave:
    """Return how many letters are to leave, and how many the reason ``kept_by`` keeps, reading those letters once.

    The letters in a digest are that one letter.
    """
    kept = func.count().filter(LetterRow.reason == kept_by)
    by_status = select(LetterRow.status, func.count(), kept).where(_IS_TO_LEAVE).group_by(LetterRow.status)
    rows = (await session.execute(by_status)).all()
    return LettersToLeave({status: number for status, number, _ in rows}, sum(row[2] for row in rows))


async def suppressed_addresses(session: AsyncSession) -> int:
    """Return how many addresses are not written to."""
    return await session.scalar(select(func.count()).select_from(SuppressionRow)) or 0
