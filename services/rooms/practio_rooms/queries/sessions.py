"""The next sessions of a room: complete for the people in it and its offices, without place and link for others."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import LONGEST, PublicSession, Session, SessionStatus
from practio_rooms.queries.cursors import fitting
from practio_rooms.tables import SessionRow

MOST_NEXT = 20
"""The most sessions shown with a room."""


async def next_sessions(
    room_id: UUID, session: AsyncSession, now: datetime, *, is_whole: bool, most_bytes: int
) -> list[PublicSession | Session]:
    """Return the sessions that are not over, including one that has begun, as many as ``most_bytes`` hold."""
    is_not_over = (SessionRow.starts_at > now - LONGEST, SessionRow.ends_at > now)
    is_held = SessionRow.status == SessionStatus.SCHEDULED
    query = select(SessionRow).where(SessionRow.room_id == room_id, *is_not_over, is_held)
    rows = await session.scalars(query.order_by(SessionRow.starts_at, SessionRow.session_id).limit(MOST_NEXT))
    kind = Session if is_whole else PublicSession
    return list(fitting((kind.model_validate(row, from_attributes=True) for row in rows), most=most_bytes, least=0))
