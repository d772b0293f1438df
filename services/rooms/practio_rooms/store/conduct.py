"""Reports of conduct: read when a command needs them, and written at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_rooms.tables import ConductReportRow, EndingRow, NoteRow, PresenceRow, TimelineRow


async def is_around(session: AsyncSession, room_id: UUID, person_id: UUID) -> bool:
    """Return whether a person is in a room, was in it when it ended, or is on its waitlist or has an offer."""
    in_it = exists().where(PresenceRow.room_id == room_id, PresenceRow.person_id == person_id)
    was_in_it = exists().where(EndingRow.room_id == room_id, EndingRow.person_id == person_id, EndingRow.was_in_it)
    waits = exists().where(
        TimelineRow.room_id == room_id,
        TimelineRow.person_id == person_id,
        or_(TimelineRow.waitlisted_at.is_not(None), TimelineRow.offered_at.is_not(None)),
        TimelineRow.joined_at.is_(None),
        TimelineRow.declined_at.is_(None),
        TimelineRow.left_at.is_(None),
    )
    return bool(await session.scalar(select(or_(in_it, was_in_it, waits))))


async def was_around(session: AsyncSession, room_id: UUID, person_id: UUID) -> bool:
    """Return whether a person has or had anything to do with a room, from a request on."""
    passed = exists().where(TimelineRow.room_id == room_id, TimelineRow.person_id == person_id)
    present = exists().where(PresenceRow.room_id == room_id, PresenceRow.person_id == person_id)
    return bool(await session.scalar(select(or_(passed, present))))


async def author_of_note(session: AsyncSession, room_id: UUID, note_id: UUID) -> tuple[UUID | None] | None:
    """Return the author of a note of a room, alone in a tuple, who is None if erased; None without such a note."""
    named = select(NoteRow.author_id).where(NoteRow.note_id == note_id, NoteRow.room_id == room_id)
    row = (await session.execute(named)).first()
    return (row[0],) if row else None


async def report_with(session: AsyncSession, report_id: UUID) -> ConductReportRow | None:
    """Return a report, locked, or None."""
    wanted = select(ConductReportRow).where(ConductReportRow.report_id == report_id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()


async def reported_since(session: AsyncSession, room_id: UUID, by: UUID, since: datetime) -> Sequence[datetime]:
    """Return when a person reported something in a room after an instant."""
    row = ConductReportRow
    own = (row.reporter_id == by, row.room_id == room_id, row.reported_at > since)
    return (await session.scalars(select(row.reported_at).where(*own))).all()


async def save_report(session: AsyncSession, **columns: Any) -> None:
    """Write a report."""
    await session.execute(insert(ConductReportRow), [columns])
