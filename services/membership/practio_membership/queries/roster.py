"""Who is in a room and who waits, a page at a time, in the queue's order."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, case, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from practio_chassis.heard import Heard
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.membership import LIVE, GetRoster, RefusalCode, Roster, RosterEntry, Status
from practio_contracts.rooms import AfterLapse
from practio_membership.domain.room import RoomState, capacity_of
from practio_membership.queries.seen import ahead_of, at_this_instant, room_seen
from practio_membership.store.rows import standing_of
from practio_membership.tables import IN_QUEUE_ORDER, MembershipRow

PAGE_BYTES = 200 * 1024
"""Where a page ends before its limit: an answer is a message of at most 256 KiB."""

MOST_NUMBER = 2**31 - 1


async def get_roster(question: Heard[GetRoster], session: AsyncSession, now: datetime) -> Roster | Refusal:
    """Give a page of the roster to host, offices and system; without ``status``, of everybody who is not gone."""
    asked = question.message
    state = await room_seen(session, asked.room_id, question.actor, now)
    if isinstance(state, Refusal):
        return state
    try:
        after = _read_cursor(asked.after) if asked.after else true()
    except ValueError:
        error = FieldError(field="after", message="not where a page ended")
        return Refusal(code=RefusalCode.INVALID, detail="the page asked for cannot be read", errors=(error,))
    wanted = _status_at(state, now).in_([asked.status] if asked.status else LIVE)
    rows = await session.scalars(
        select(MembershipRow)
        .where(MembershipRow.room_id == asked.room_id, wanted, after)
        .order_by(*IN_QUEUE_ORDER)
        .limit(asked.limit + 1)
        .options(undefer(MembershipRow.answers), undefer(MembershipRow.message))
    )
    return await _page(session, state, rows.all(), limit=asked.limit, now=now)


def _status_at(state: RoomState, now: datetime) -> ColumnElement[str]:
    """Give the status as it is now: an offer is over at its instant, read or not."""
    requeues = state.room.access.waitlist.after_lapse is AfterLapse.REQUEUE
    lapsed = Status.WAITLISTED if requeues else Status.LAPSED
    return case((_is_over(now), literal(lapsed.value, Text)), else_=MembershipRow.status)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(MembershipRow.status == Status.OFFERED, MembershipRow.offer_expires_at <= now)


async def _page(
    session: AsyncSession, state: RoomState, rows: Sequence[MembershipRow], *, limit: int, now: datetime
) -> Roster:
    """Take as many rows as an answer holds; ``rows`` may be one more than ``limit``, to tell whether there is more."""
    entries = await _entries(session, state, rows[:limit], now)
    last = rows[len(entries) - 1] if len(entries) < len(rows) else None
    counts = await _counts(session, state, now)
    return Roster(
        counts=counts,
        capacity=capacity_of(state.room),
        seats_taken=counts.get(Status.JOINED, 0),
        seats_held=counts.get(Status.OFFERED, 0),
        entries=entries,
        after=last and _write_cursor(last),
    )


async def _entries(
    session: AsyncSession, state: RoomState, rows: Sequence[MembershipRow], now: datetime
) -> list[RosterEntry]:
    """Show rows until an answer is full; those who wait follow one another, so that the first place tells the rest."""
    entries: list[RosterEntry] = []
    next_place: int | None = None
    size = 0
    for row in rows:
        _, standing = at_this_instant(state, standing_of(row), now)
        ahead = None
        if standing.status is Status.WAITLISTED:
            ahead = await ahead_of(session, standing) if next_place is None else next_place
            next_place = ahead + 1
        entry = RosterEntry(
            membership=standing.shown, ahead=ahead, priority=row.priority, answers=row.answers, message=row.message
        )
        size += len(entry.model_dump_json().encode())
        if entries and size > PAGE_BYTES:
            break
        entries.append(entry)
    return entries


async def _counts(session: AsyncSession, state: RoomState, now: datetime) -> dict[Status, int]:
    status = _status_at(state, now)
    query = select(status, func.count()).where(MembershipRow.room_id == state.room.room_id).group_by(status)
    return {Status(name): count for name, count in await session.execute(query)}


def _write_cursor(row: MembershipRow) -> str:
    return urlsafe_b64encode(f"{row.priority} {row.number}".encode()).decode()


def _read_cursor(after: str) -> ColumnElement[bool]:
    """Give the condition of coming after a page's last entry; raises ValueError where it is none of ours."""
    priority, number = map(int, urlsafe_b64decode(after.encode()).decode().split(" "))
    if max(abs(priority), abs(number)) > MOST_NUMBER:
        raise ValueError("the database counts no further")
    later = and_(MembershipRow.priority == priority, MembershipRow.number > number)
    return or_(MembershipRow.priority < priority, later)
