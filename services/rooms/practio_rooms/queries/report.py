"""The report of a room, for its offices and for the system, which acts for its sponsor."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.rooms import GetReport, NoteKind, RefusalCode, ReportResult, SessionStatus
from practio_rooms.domain.feedback import RatedSession
from practio_rooms.domain.report import Period, month_starts, period_of, report, was_held
from practio_rooms.queries.feedback import released_numbers
from practio_rooms.queries.office_access import room_for_offices
from practio_rooms.queries.timeline_figures import timeline_figures
from practio_rooms.tables import IS_KEPT, AttendanceRow, NoteRow, SessionRow

_ENDS_TOO_EARLY = Refusal(
    code=RefusalCode.INVALID,
    detail="the period ends before it begins: choose a later end",
    errors=(FieldError(field="to", message="is before from"),),
)


async def get_report(query: ReceivedMessage[GetReport], session: AsyncSession, now: datetime) -> ReportResult | Refusal:
    """Return the report of a room for a period; the feedback is that on the sessions of the period."""
    message = query.message
    if message.since and message.until and message.until < message.since:
        return _ENDS_TOO_EARLY
    room = await room_for_offices(session, message.room_id, query.actor)
    if isinstance(room, Refusal):
        return room
    period = period_of(room, message.since, message.until, now=now)
    held = await _held(session, room.room_id, period, now)
    is_whole = message.since is None and message.until is None
    return report(
        room,
        message,
        period,
        held=list(held.values()),
        figures=await timeline_figures(
            session,
            room.room_id,
            period,
            months=month_starts(room, period),
            sessions=[each.starts_at for each in held.values()],
        ),
        notes=await _notes(session, room.room_id, period),
        attended=await _attended(session, room.room_id, list(held)),
        feedback=await released_numbers(session, room.room_id, None if is_whole else list(held)),
    )


async def _held(session: AsyncSession, room_id: UUID, period: Period, now: datetime) -> dict[UUID, RatedSession]:
    columns = (SessionRow.session_id, SessionRow.starts_at, SessionRow.ends_at, SessionRow.status)
    begun = SessionRow.starts_at.between(period.since, period.until)
    found = await session.execute(
        select(*columns).where(SessionRow.room_id == room_id, begun).order_by(SessionRow.starts_at)
    )
    sessions = {row[0]: RatedSession(row[1], row[2], SessionStatus(row[3])) for row in found}
    return {identity: each for identity, each in sessions.items() if was_held(each, period, now=now)}


async def _attended(session: AsyncSession, room_id: UUID, held: Sequence[UUID]) -> list[int | None]:
    """Return how many people with a seat came to each session, in their order; None where nobody recorded it."""
    came = func.count().filter(AttendanceRow.was_present & AttendanceRow.has_seat)
    of_sessions = (AttendanceRow.room_id == room_id, one_of(AttendanceRow.session_id, held))
    statement = select(AttendanceRow.session_id, came).where(*of_sessions).group_by(AttendanceRow.session_id)
    found = {row[0]: row[1] for row in await session.execute(statement)}
    return [found.get(each) for each in held]


async def _notes(session: AsyncSession, room_id: UUID, period: Period) -> dict[NoteKind, int]:
    recorded = (NoteRow.room_id == room_id, NoteRow.recorded_at.between(period.since, period.until))
    query = select(NoteRow.kind, func.count()).where(IS_KEPT, *recorded).group_by(NoteRow.kind)
    return {NoteKind(row[0]): row[1] for row in await session.execute(query)}
