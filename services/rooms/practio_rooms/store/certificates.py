"""Certificates: their codes, and what is attended.

Attendance is summed up in the certificate once nobody can record it any more, so that a certificate outlasts the
sessions that it is about.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, extract, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import SessionStatus
from practio_rooms.domain.certificates import ALPHABET, LENGTH, Attended
from practio_rooms.tables import AttendanceRow, CertificateRow, SessionRow

_MINUTES = func.sum(extract("epoch", SessionRow.ends_at - SessionRow.starts_at) / 60)
_SAME = (SessionRow.room_id == AttendanceRow.room_id) & (SessionRow.session_id == AttendanceRow.session_id)
_TOOK_PLACE = SessionRow.status == SessionStatus.SCHEDULED


async def issue_codes(session: AsyncSession, people: Collection[tuple[UUID, UUID]]) -> None:
    """Write a code for those of ``people``, by room and person, who have none."""
    rows = [{"code": _new_code(), "room_id": room_id, "person_id": person_id} for room_id, person_id in sorted(people)]
    if rows:
        await session.execute(insert(CertificateRow).on_conflict_do_nothing(), rows)


def _new_code() -> str:
    """Return a code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


async def attended(session: AsyncSession, row: CertificateRow, now: datetime) -> Attended:
    """Return what a certificate certifies: what it sums up, and the sessions that were attended since."""
    earlier = Attended(row.earlier_sessions, row.earlier_minutes, row.earlier_from, row.earlier_to)
    sums = select(func.count(), _MINUTES, func.min(SessionRow.starts_at), func.max(SessionRow.starts_at))
    theirs = (AttendanceRow.person_id == row.person_id, AttendanceRow.room_id == row.room_id)
    shown = (AttendanceRow.was_present, ~AttendanceRow.certified, _TOOK_PLACE, SessionRow.ends_at <= now)
    found = (
        await session.execute(sums.select_from(AttendanceRow).join(SessionRow, _SAME).where(*theirs, *shown))
    ).one()
    return earlier.with_more(Attended(found[0], int(found[1] or 0), found[2], found[3]))


async def count_attendance(session: AsyncSession, *, ended_before: datetime, most: int) -> int:
    """Sum up attendance of sessions that are long over, and give codes to all who have none; return how many rows."""
    await issue_codes(session, await _without_code(session, most=most))
    found = await session.execute(_old(ended_before, most=most))
    keys = [tuple(row) for row in found]
    if not keys:
        return 0
    await issue_codes(session, {(room_id, person_id) for room_id, _, person_id in keys})
    columns = (AttendanceRow.room_id, AttendanceRow.session_id, AttendanceRow.person_id)
    which: ColumnElement[bool] = tuple_(*columns).in_(keys)
    sums = select(
        AttendanceRow.room_id,
        AttendanceRow.person_id,
        func.count().label("sessions"),
        _MINUTES.label("minutes"),
        func.min(SessionRow.starts_at).label("first"),
        func.max(SessionRow.starts_at).label("last"),
    )
    of_people = (AttendanceRow.room_id, AttendanceRow.person_id)
    summed = (
        sums.select_from(AttendanceRow)
        .join(SessionRow, _SAME)
        .where(which, _TOOK_PLACE)
        .group_by(*of_people)
        .subquery()
    )
    row = CertificateRow
    await session.execute(
        update(row)
        .where(row.room_id == summed.c.room_id, row.person_id == summed.c.person_id)
        .values(
            earlier_sessions=row.earlier_sessions + summed.c.sessions,
            earlier_minutes=row.earlier_minutes + summed.c.minutes,
            earlier_from=func.least(row.earlier_from, summed.c.first),
            earlier_to=func.greatest(row.earlier_to, summed.c.last),
        )
        .execution_options(synchronize_session=False)
    )
    counted = update(AttendanceRow).where(which).values(certified=True)
    await session.execute(counted.execution_options(synchronize_session=False))
    return len(keys)


async def _without_code(session: AsyncSession, *, most: int) -> set[tuple[UUID, UUID]]:
    """Return people with attendance and without a code, as an earlier release records it.

    The code of each is looked up, for PostgreSQL would read all certificates to compare them with a month's attendance.
    """
    code = (
        select(CertificateRow.code)
        .where(CertificateRow.room_id == AttendanceRow.room_id, CertificateRow.person_id == AttendanceRow.person_id)
        .scalar_subquery()
    )
    uncounted = (AttendanceRow.was_present, ~AttendanceRow.certified, code.is_(None))
    people = select(AttendanceRow.room_id, AttendanceRow.person_id).where(*uncounted)
    found = await session.execute(people.order_by(AttendanceRow.recorded_at).limit(most))
    return {(row[0], row[1]) for row in found}


def _old(ended_before: datetime, *, most: int) -> Select[UUID, UUID, UUID]:
    """Return the query for attendance to be summed up: recorded within a month of its session, oldest first.

    The session of each is looked up, for PostgreSQL would read all sessions to join them.
    """
    key = select(AttendanceRow.room_id, AttendanceRow.session_id, AttendanceRow.person_id)
    ended_at = select(SessionRow.ends_at).where(_SAME).scalar_subquery()
    long_over = (AttendanceRow.recorded_at < ended_before + timedelta(days=31), ended_at < ended_before)
    uncounted = (AttendanceRow.was_present, ~AttendanceRow.certified)
    oldest = key.where(*uncounted, *long_over).order_by(AttendanceRow.recorded_at)
    return oldest.limit(most).with_for_update(of=AttendanceRow, skip_locked=True)
