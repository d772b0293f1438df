"""The roster of a room, a page at a time, in waitlist order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, Text, and_, case, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from practio_chassis.paging import PAGE_BYTES, read_cursor, write_cursor
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import LIVE, GetRoster, Roster, RosterEntry, Status
from practio_contracts.rooms import AfterLapse
from practio_membership.domain.room import RoomState, capacity_of, is_viable, missing_roles, seats_free
from practio_membership.queries.access import ahead_of, as_of, room_visible_to
from practio_membership.store.rows import member_of
from practio_membership.tables import IN_QUEUE_ORDER, IS_LIVE, MembershipRow, has_status

_Number = Annotated[int, Field(gt=-(2**31), lt=2**31)]
_PLACES = TypeAdapter(tuple[_Number, _Number])
"""Priority and waitlist number of a page's last entry."""


async def get_roster(query: ReceivedMessage[GetRoster], session: AsyncSession, now: datetime) -> Roster | Refusal:
    """Return a page of the roster to host, offices and system; without ``status``, of everybody who has not left."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    after = _later(*place) if place else true()
    state = await room_visible_to(session, asked.room_id, query.actor, now)
    if isinstance(state, Refusal):
        return state
    wanted = _may_be(state, asked.status) & _status_at(state, now).in_([asked.status] if asked.status else LIVE)
    rows = await session.scalars(
        select(MembershipRow)
        .where(MembershipRow.room_id == asked.room_id, wanted, after)
        .order_by(*IN_QUEUE_ORDER)
        .limit(asked.limit + 1)
        .options(undefer(MembershipRow.answers), undefer(MembershipRow.message))
    )
    return await _page(session, state, rows.all(), limit=asked.limit, now=now)


def _once_over(state: RoomState) -> dict[Status, Status]:
    """Return the statuses that expired offers and invitations turn into."""
    requeues = state.room.access.waitlist.after_lapse is AfterLapse.REQUEUE
    return {Status.OFFERED: Status.WAITLISTED if requeues else Status.LAPSED, Status.INVITED: Status.LAPSED}


def _may_be(state: RoomState, status: Status | None) -> ColumnElement[bool]:
    """Return which rows may be shown with ``status``, by their stored status, which the indexes cover."""
    if status is None:
        return IS_LIVE
    return has_status(status, *(written for written, snapshot in _once_over(state).items() if snapshot is status))


def _status_at(state: RoomState, now: datetime) -> ColumnElement[str]:
    """Return the status as it is now: an offer or invitation is over at its expiry, read or not."""
    snapshot = {status: literal(over.value, Text) for status, over in _once_over(state).items()}
    offer_is_over = and_(MembershipRow.status == Status.OFFERED, MembershipRow.offer_expires_at <= now)
    invitation_is_over = and_(MembershipRow.status == Status.INVITED, MembershipRow.invitation_expires_at <= now)
    return case(
        (offer_is_over, snapshot[Status.OFFERED]),
        (invitation_is_over, snapshot[Status.INVITED]),
        else_=MembershipRow.status,
    )


async def _page(
    session: AsyncSession, state: RoomState, rows: Sequence[MembershipRow], *, limit: int, now: datetime
) -> Roster:
    """Return as many rows as an answer holds; ``rows`` may be one more than ``limit``, to show if there are more."""
    entries = await _entries(session, state, rows[:limit], now)
    last = rows[len(entries) - 1] if len(entries) < len(rows) else None
    counts, used = await _counts(session, state, now)
    return Roster(
        counts=counts,
        capacity=capacity_of(state.room),
        seats_taken=counts.get(Status.JOINED, 0),
        seats_held=counts.get(Status.OFFERED, 0),
        entries=entries,
        after=last and write_cursor(last.priority, last.number),
        over_capacity=await _beyond(session, state, now),
        viable=is_viable(state),
        missing_roles=missing_roles(state),
        seats_free=seats_free(state.room, counts.get(Status.JOINED, 0) + counts.get(Status.OFFERED, 0), used),
    )


async def _entries(
    session: AsyncSession, state: RoomState, rows: Sequence[MembershipRow], now: datetime
) -> list[RosterEntry]:
    """Return entries until an answer is full; waiting people are consecutive, so the first position gives the rest."""
    entries: list[RosterEntry] = []
    next_place: int | None = None
    size = 0
    for row in rows:
        _, member = as_of(state, member_of(row), now)
        ahead = None
        if member.status is Status.WAITLISTED:
            ahead = await ahead_of(session, member) if next_place is None else next_place
            next_place = ahead + 1
        entry = RosterEntry(
            membership=member.snapshot,
            ahead=ahead,
            priority=row.priority,
            answers=row.answers,
            message=row.message,
            request_expires_at=member.request_expires_at,
        )
        size += len(entry.model_dump_json().encode())
        if entries and size > PAGE_BYTES:
            break
        entries.append(entry)
    return entries


async def _counts(
    session: AsyncSession, state: RoomState, now: datetime
) -> tuple[Mapping[Status, int], Mapping[str, int]]:
    """Return how many memberships have each status now, and how many seats of each role are in use."""
    status = _status_at(state, now)
    query = (
        select(status, MembershipRow.role, func.count())
        .where(MembershipRow.room_id == state.room.room_id)
        .group_by(status, MembershipRow.role)
    )
    counts: Counter[Status] = Counter()
    used: Counter[str] = Counter()
    for name, role, count in await session.execute(query):
        counts[Status(name)] += count
        if role is not None and name in (Status.JOINED, Status.OFFERED):
            used[role] += count
    return counts, used


async def _beyond(session: AsyncSession, state: RoomState, now: datetime) -> int:
    """Return the places in use over capacity, apart from those of expired offers."""
    if not state.beyond:
        return 0
    has_place = MembershipRow.over_capacity & _status_at(state, now).in_([Status.JOINED, Status.OFFERED])
    query = select(func.count()).where(MembershipRow.room_id == state.room.room_id, has_place)
    return (await session.execute(query)).scalar_one()


def _later(priority: int, number: int) -> ColumnElement[bool]:
    """Return the condition of coming after a page's last entry."""
    later = and_(MembershipRow.priority == priority, MembershipRow.number > number)
    return or_(MembershipRow.priority < priority, later)
