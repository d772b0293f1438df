"""One person's memberships in all rooms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, cast, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import LIVE, ListMemberships, Membership, Memberships
from practio_membership.domain import refusals
from practio_membership.domain.room import Actor
from practio_membership.queries.access import as_of
from practio_membership.queries.cursors import NO_PAGE, PAGE_BYTES, read_cursor, write_cursor
from practio_membership.store.rows import member_of, state_of
from practio_membership.tables import IS_LIVE, MembershipRow, RoomRow


async def list_memberships(
    query: ReceivedMessage[ListMemberships], session: AsyncSession, now: datetime
) -> Memberships | Refusal:
    """Return a page of a person's memberships, newest first: all to themselves, to an office those of its rooms."""
    asked, actor = query.message, query.actor
    try:
        after = _read(asked.after) if asked.after else true()
    except ValueError:
        return NO_PAGE
    is_own = actor in (asked.person_id, SYSTEM)
    statement = (
        select(MembershipRow, RoomRow)
        .join(RoomRow, RoomRow.room_id == MembershipRow.room_id)
        .where(MembershipRow.person_id == asked.person_id, after)
        .where(IS_LIVE if asked.live_only else true(), true() if is_own else _has_office(actor))
        .order_by(MembershipRow.membership_id.desc())
        .limit(asked.limit + 1)
    )
    rows = [(row, room) for row, room in await session.execute(statement)]
    if not rows and not is_own:
        return refusals.NOT_THE_PERSON
    snapshot = [as_of(state_of(room), member_of(row), now)[1].snapshot for row, room in rows]
    return _page(snapshot, limit=asked.limit, live_only=asked.live_only)


def _read(after: str) -> ColumnElement[bool]:
    """Return the condition of coming after a page's last entry; raise ValueError if the cursor is not one of ours."""
    [membership_id] = read_cursor(after)
    return MembershipRow.membership_id < UUID(membership_id)


def _has_office(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor holds an office in the room."""
    rules, person = cast(RoomRow.snapshot, JSONB), str(actor)
    offices = (rules[name].contains([person]) for name in ("facilitator_ids", "steward_ids"))
    return or_(rules["host_id"].astext == person, *offices)


def _page(snapshot: list[Membership], *, limit: int, live_only: bool) -> Memberships:
    """Return as many as an answer holds; ``snapshot`` may be one more than ``limit``, to show if there are more."""
    size, taken = 0, 0
    for each in snapshot[:limit]:
        size += len(each.model_dump_json().encode())
        if taken and size > PAGE_BYTES:
            break
        taken += 1
    page = snapshot[:taken]
    return Memberships(
        memberships=[each for each in page if not live_only or each.status in LIVE],
        after=write_cursor(page[-1].membership_id) if taken < len(snapshot) else None,
    )
