"""One person's memberships in all rooms."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, cast, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor, write_cursor
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import LIVE, ListMemberships, Membership, Memberships, RoomTitle
from practio_contracts.rooms import Room
from practio_membership.domain import refusals
from practio_membership.domain.room import Actor
from practio_membership.queries.access import as_of
from practio_membership.store.rows import member_of, state_of
from practio_membership.tables import IS_LIVE, MembershipRow, RoomRow

_PLACES = TypeAdapter(tuple[UUID])
"""The id of a page's last membership."""

_TITLE_BYTES = 40 * 1024
"""The most bytes of titles beside a page of memberships: an answer is a message of at most 256 KiB."""


async def list_memberships(
    query: ReceivedMessage[ListMemberships], session: AsyncSession, now: datetime
) -> Memberships | Refusal:
    """Return a page of a person's memberships, newest first: all to themselves, to an office those of its rooms."""
    asked, actor = query.message, query.actor
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    after = MembershipRow.membership_id < place[0] if place else true()
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
    found = [(state_of(room), member_of(row)) for row, room in rows]
    snapshots = [as_of(state, member, now)[1].snapshot for state, member in found]
    page = _page(snapshots, limit=asked.limit, live_only=asked.live_only)
    return page.model_copy(update={"titles": _titles(page, {state.room.room_id: state.room for state, _ in found})})


def _has_office(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor holds an office in the room."""
    rules, person = cast(RoomRow.snapshot, JSONB), str(actor)
    offices = (rules[name].contains([person]) for name in ("facilitator_ids", "steward_ids"))
    return or_(rules["host_id"].astext == person, *offices)


def _page(snapshots: list[Membership], *, limit: int, live_only: bool) -> Memberships:
    """Return as many as an answer holds; ``snapshots`` may be one more than ``limit``, to show if there are more."""
    page = list(fitting(snapshots[:limit]))
    return Memberships(
        memberships=[each for each in page if not live_only or each.status in LIVE],
        after=write_cursor(page[-1].membership_id) if len(page) < len(snapshots) else None,
    )


def _titles(page: Memberships, rooms: Mapping[UUID, Room]) -> list[RoomTitle]:
    """Return the titles of a page's rooms, as many as there is space for."""
    ids = dict.fromkeys(each.room_id for each in page.memberships)
    titles = (RoomTitle(room_id=each, title=rooms[each].title) for each in ids)
    return list(fitting(titles, most=_TITLE_BYTES, least=0))
