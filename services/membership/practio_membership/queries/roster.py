"""The roster of a room, a page at a time, in waitlist order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, undefer

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import PAGE_BYTES, read_cursor, write_cursor
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.membership import GetRoster, RefusalCode, Roster, RosterEntry, Status
from practio_contracts.rooms import AfterLapse
from practio_membership.domain.room import RoomState, capacity_of, empty_roles, is_viable, missing_roles, seats_free
from practio_membership.queries.access import ahead_of, as_of, room_visible_to
from practio_membership.queries.present_status import NOW, ROOM, has_now, once_over, status_at
from practio_membership.store.buddies import buddies_of
from practio_membership.store.rows import member_of
from practio_membership.tables import IN_WAITLIST_ORDER, MembershipRow, has_status

_Number = Annotated[int, Field(gt=-(2**31), lt=2**31)]

_PLACES = TypeAdapter(tuple[_Number, _Number])
"""Priority and waitlist number of a page's last entry."""

_BEFORE_ALL = 2**31 - 1, 1 - 2**31
"""The place before everybody, for a page that holds nobody since the answer is full."""

_NOT_ALONE = Refusal(
    code=RefusalCode.INVALID,
    detail="several statuses are asked for without status and after: leave these out",
    errors=(FieldError(field="statuses", message="comes without status and after"),),
)

_COUNTED = {Status.JOINED: "taken", Status.WAITLISTED: "waiting", Status.REQUESTED: "pending"}
"""The statuses whose memberships a room counts, by the name of the count."""

_NO_ROLE: ColumnElement[str | None] = literal(None, Text)
_ANSWERING = (Status.OFFERED, Status.INVITED)
_ENDED = tuple(each for each in Status if each not in (*_COUNTED, *_ANSWERING))


class _Listed(NamedTuple):
    """A membership, and whether its person has a newer one in the room: null if the answer does not tell."""

    row: MembershipRow
    has_newer: bool | None


class _Page(NamedTuple):
    """The people of one page, the cursor after them if there are more, and how many bytes they take as JSON."""

    entries: list[RosterEntry]
    after: str | None
    size: int


async def get_roster(query: ReceivedMessage[GetRoster], session: AsyncSession, now: datetime) -> Roster | Refusal:
    """Return a page of the roster to host, offices and system; without any status, of everybody who has not left."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    if asked.statuses and (asked.status or asked.after):
        return _NOT_ALONE
    state = await room_visible_to(session, asked.room_id, query.actor, now)
    if isinstance(state, Refusal):
        return state
    if asked.statuses:
        return await _several(session, state, asked.statuses, limit=asked.limit, now=now)
    page = await _page(session, state, asked.status, place, limit=asked.limit, now=now)
    return await _roster(session, state, page.entries, now, after=page.after)


async def _several(
    session: AsyncSession, state: RoomState, statuses: Sequence[Status], *, limit: int, now: datetime
) -> Roster:
    """Return the first page of each status, in one answer; once it is full, the others begin on their next page."""
    pages: dict[Status, _Page] = {}
    for status in dict.fromkeys(statuses):
        used = sum(each.size for each in pages.values())
        pages[status] = await _page(
            session, state, status, None, limit=limit, now=now, most=PAGE_BYTES - used, least=0 if used else 1
        )
    entries = [entry for page in pages.values() for entry in page.entries]
    after_of = {status: page.after for status, page in pages.items() if page.after}
    return await _roster(session, state, entries, now, after_of=after_of)


async def _page(
    session: AsyncSession,
    state: RoomState,
    status: Status | None,
    place: tuple[int, int] | None,
    *,
    limit: int,
    now: datetime,
    most: int = PAGE_BYTES,
    least: int = 1,
) -> _Page:
    """Return the people with a status, or all live ones, that come after ``place``.

    They are as many as ``limit`` and ``most`` bytes allow, and at least ``least``.
    """
    statement = _listing(state.room.access.waitlist.after_lapse, status, is_first=place is None)
    values = {"room": state.room.room_id, "now": now, "most": limit + 1}
    if place:
        values |= {"priority": place[0], "number": place[1]}
    found = await session.execute(statement, values)
    rows = [_Listed(row, has_newer) for row, has_newer in found]
    entries, size = await _entries(
        session, state, rows[:limit], now, next_place=None if place else 0, most=most, least=least
    )
    last = rows[len(entries) - 1].row if entries else None
    after = write_cursor(last.priority, last.number) if last else write_cursor(*_BEFORE_ALL)
    return _Page(entries, after if len(entries) < len(rows) else None, size)


@lru_cache(maxsize=100)
def _listing(after_lapse: AfterLapse, status: Status | None, *, is_first: bool) -> Select[MembershipRow, Any]:
    """Return the statement, made once: to put it together takes as long as to run it."""
    return (
        select(MembershipRow, _has_newer() if status in _ENDED else null())
        .where(
            MembershipRow.room_id == ROOM,
            has_now(once_over(after_lapse), status),
            true() if is_first else _later(bindparam("priority", type_=Integer), bindparam("number", type_=Integer)),
        )
        .order_by(*IN_WAITLIST_ORDER)
        .limit(bindparam("most", type_=Integer))
        .options(undefer(MembershipRow.answers), undefer(MembershipRow.message))
    )


def _has_newer() -> ColumnElement[bool]:
    """Return the condition that a person has a newer membership in the same room."""
    newer = aliased(MembershipRow)
    is_theirs = (newer.room_id == MembershipRow.room_id, newer.person_id == MembershipRow.person_id)
    return exists().where(*is_theirs, newer.number > MembershipRow.number)


async def _roster(
    session: AsyncSession,
    state: RoomState,
    entries: list[RosterEntry],
    now: datetime,
    *,
    after: str | None = None,
    after_of: Mapping[Status, str] = MappingProxyType({}),
) -> Roster:
    """Return entries with the counts of the whole room."""
    counts, held = await _counts(session, state, now)
    used = {name: seats.taken + held[name] for name, seats in state.by_role.items()}
    return Roster(
        counts=counts,
        capacity=capacity_of(state.room),
        seats_taken=counts.get(Status.JOINED, 0),
        seats_held=counts.get(Status.OFFERED, 0),
        entries=entries,
        after=after,
        over_capacity=await _beyond(session, state, now),
        viable=is_viable(state),
        missing_roles=missing_roles(state),
        empty_roles=empty_roles(state),
        seats_free=seats_free(state.room, counts.get(Status.JOINED, 0) + counts.get(Status.OFFERED, 0), used),
        after_of=dict(after_of),
    )


async def _entries(
    session: AsyncSession,
    state: RoomState,
    rows: Sequence[_Listed],
    now: datetime,
    *,
    next_place: int | None,
    most: int,
    least: int,
) -> tuple[list[RosterEntry], int]:
    """Return entries until ``most`` bytes are used, at least ``least`` of them, and how many bytes they take.

    Waiting people are consecutive, so the first position gives the rest; ``next_place`` is the position of the first
    who waits, if it is known.
    """
    entries: list[RosterEntry] = []
    size = 0
    seated = [row.person_id for row, _ in rows if row.status == Status.JOINED]
    pairs = await buddies_of(session, state.room.room_id, seated) if seated else {}
    for row, has_newer in rows:
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
            may_come_back=None if has_newer is None else not (has_newer or member.barred),
            barred=member.barred if member.status is Status.REMOVED else None,
            buddy_id=pairs.get(row.person_id),
        )
        bytes_more = len(to_json(entry))
        if len(entries) >= least and size + bytes_more > most:
            break
        size += bytes_more
        entries.append(entry)
    return entries, size


@lru_cache(maxsize=len(AfterLapse))
def _counting(after_lapse: AfterLapse) -> CompoundSelect[str, str | None, int]:
    """Return the statement, made once: to put it together takes as long as to run it."""
    about = MembershipRow.room_id == ROOM
    ended = select(MembershipRow.status, _NO_ROLE, func.count()).where(about, has_status(*_ENDED))
    status = status_at(once_over(after_lapse), NOW)
    answering = select(status, MembershipRow.role, func.count()).where(about, has_status(*_ANSWERING))
    return union_all(ended.group_by(MembershipRow.status), answering.group_by(status, MembershipRow.role))


async def _counts(
    session: AsyncSession, state: RoomState, now: datetime
) -> tuple[Mapping[Status, int], Mapping[str, int]]:
    """Return how many memberships have each status now, and how many seats of each role are held.

    The room counts those in it, on the waitlist and with a request, who are the most; the others are counted here.
    """
    values = {"room": state.room.room_id, "now": now}
    counts: Counter[Status] = Counter({each: getattr(state, name) for each, name in _COUNTED.items()})
    held: Counter[str] = Counter()
    for name, role, count in await session.execute(_counting(state.room.access.waitlist.after_lapse), values):
        counts[Status(name)] += count
        if role is not None and name == Status.OFFERED:
            held[role] += count
    return +counts, held


async def _beyond(session: AsyncSession, state: RoomState, now: datetime) -> int:
    """Return the places in use over capacity, apart from those of expired offers."""
    if not state.beyond:
        return 0
    over = once_over(state.room.access.waitlist.after_lapse)
    has_place = MembershipRow.over_capacity & status_at(over, now).in_([Status.JOINED, Status.OFFERED])
    query = select(func.count()).where(MembershipRow.room_id == state.room.room_id, has_place)
    return (await session.execute(query)).scalar_one()


def _later(priority: ColumnElement[int], number: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition of coming after a page's last entry."""
    later = and_(MembershipRow.priority == priority, MembershipRow.number > number)
    return or_(MembershipRow.priority < priority, later)
