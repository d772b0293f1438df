"""The sessions of rooms, by their newest events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import MessageContext
from practio_contracts.rooms import SessionEvent, SessionReplayed, SessionStatus
from practio_notifications.letters.added_dates import announced_at
from practio_notifications.letters.kinds import REMINDED_BEFORE
from practio_notifications.store.projections import Projections
from practio_notifications.tables import SessionRow


async def session_with(session: AsyncSession, session_id: UUID) -> SessionRow | None:
    """Return the session with this id; None if it is not known."""
    return await session.get(SessionRow, session_id)


def keep_session(
    context: MessageContext[Projections],
    event: SessionEvent | SessionReplayed,
    *,
    cause_id: UUID,
    was_added: bool = False,
) -> bool:
    """Store a session unless a newer event about it was received; return whether it was stored.

    Its people are reminded the day before; if it is scheduled later than that, the letter about it is enough. One that
    ``was_added`` to its series is announced later; any other change of it has a letter to everybody.
    """
    session = event.session
    row = context.loaded.sessions.get(session.session_id)
    if row is not None and row.revision >= session.revision:
        return False
    if row is None:
        row = SessionRow(session_id=session.session_id, room_id=session.room_id)
        context.loaded.sessions[session.session_id] = row
        context.session.add(row)
    row.starts_at, row.ends_at, row.revision = session.starts_at, session.ends_at, session.revision
    row.cause_id, row.snapshot = cause_id, session.model_dump(mode="json")
    remind_at = session.starts_at - REMINDED_BEFORE
    takes_place = session.status is SessionStatus.SCHEDULED
    row.remind_at = remind_at if takes_place and remind_at > context.now else None
    row.was_added, row.announce_at = was_added, announced_at(session) if was_added and takes_place else None
    return True


async def forget_sessions(context: MessageContext[Projections], room_id: UUID, *, but: Mapping[UUID, int]) -> None:
    """Delete a room's sessions that are not over, except those in ``but`` with that revision or an older one."""
    await context.session.flush()
    known = await context.session.scalars(
        select(SessionRow).where(SessionRow.room_id == room_id, SessionRow.ends_at > context.now)
    )
    gone = [row for row in known if row.revision > but.get(row.session_id, -1)]
    for row in gone:
        context.loaded.sessions.pop(row.session_id, None)
        await context.session.delete(row)
    await context.session.flush()


async def sessions_to_remind_of(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[SessionRow]:
    """Lock up to ``limit`` sessions that it is time to remind of, passing over those that others hold."""
    due = select(SessionRow).where(SessionRow.remind_at <= now).order_by(SessionRow.remind_at)
    return (await session.scalars(due.limit(limit).with_for_update(skip_locked=True))).all()


async def sessions_to_announce(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[SessionRow]:
    """Lock the added dates of up to ``limit`` rooms that it is time to announce, passing over what others hold."""
    due = SessionRow.announce_at <= now
    rooms = select(SessionRow.room_id).where(due).order_by(SessionRow.announce_at).limit(limit)
    found = select(SessionRow).where(due, SessionRow.room_id.in_(rooms)).order_by(SessionRow.starts_at)
    return (await session.scalars(found.with_for_update(skip_locked=True))).all()
