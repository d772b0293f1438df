"""The next session of a room as its offices see it: who comes, and what is missing for it to run."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import LIVE_ROOM, NextSession, Room, Session, SessionStatus
from practio_rooms.domain.risk import at_risk
from practio_rooms.store.attending import expected
from practio_rooms.tables import SessionRow

MOST_SEATS = 500
"""The most seats of a room whose people are counted for each look at it."""


async def next_session_of(room: Room, session: AsyncSession, now: datetime) -> NextSession | None:
    """Return the next session that has not begun; None if there is none, or if the room has too many seats."""
    if room.status not in LIVE_ROOM or (room.capacity or 0) > MOST_SEATS:
        return None
    to_come = (SessionRow.room_id == room.room_id, SessionRow.starts_at > now)
    planned = select(SessionRow).where(*to_come, SessionRow.status == SessionStatus.SCHEDULED)
    row = await session.scalar(planned.order_by(SessionRow.starts_at, SessionRow.session_id).limit(1))
    if row is None:
        return None
    about = Session.model_validate(row, from_attributes=True)
    known = await expected(session, room, about)
    risk = at_risk(room, about, known)
    missing = {} if risk is None else risk.model_dump(include={"missing_roles", "people_needed", "case_missing"})
    return NextSession(session_id=about.session_id, starts_at=about.starts_at, coming=known.counts, **missing)
