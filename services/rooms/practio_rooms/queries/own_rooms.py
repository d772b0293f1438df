"""The rooms that a person runs or is in: those that meet soonest first, or those that need care most."""

from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Row, Select, Text, Uuid, any_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.rooms import ListOwnRooms, OwnOffice, OwnOrder, OwnRoom, OwnRooms, PublicRoom, Room, Sign
from practio_rooms.domain.own_rooms import not_theirs, own_office
from practio_rooms.domain.room import holds_office
from practio_rooms.queries.concerns import concerns_of
from practio_rooms.queries.hand_overs import hand_overs_of
from practio_rooms.queries.own_orders import ORDERS
from practio_rooms.queries.own_room_conditions import (
    has_office,
    holds_an_office,
    is_shown_to,
    rooms_attended,
    rooms_run_or_attended,
)
from practio_rooms.queries.sessions import last_session_at
from practio_rooms.store.sponsors import sponsors_of
from practio_rooms.tables import CareRow, PresenceRow, RoomRow, SponsorDelegateRow

_PERSON = bindparam("person", type_=Uuid)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_SIGNS = frozenset(Sign)
"""The signs that this release knows: a newer one may have found others."""

_OFFICES = (OwnOffice.HOST, OwnOffice.FACILITATOR, OwnOffice.STEWARD)
"""The offices whose rooms are found by them alone."""

_HAS_BESIDES = select(
    exists().where(SponsorDelegateRow.person_id == _PERSON).label("sponsors"),
    exists().where(RoomRow.proposed_host_id == _PERSON).label("hand_overs"),
)
"""Whether a first page has anything besides rooms: few people's has, and a person's own page asks for four of them."""


async def list_own_rooms(
    query: ReceivedMessage[ListOwnRooms], session: AsyncSession, now: datetime
) -> OwnRooms | Refusal:
    """Return a page of a person's own rooms, to that person and the system; drafts only of their host."""
    asked = query.message
    order = ORDERS[asked.order]
    place = read_cursor(asked.after, order.places)
    if refusal := place if isinstance(place, Refusal) else not_theirs(asked.person_id, query.actor):
        return refusal
    assert not isinstance(place, Refusal)
    statement = order.after(_listing(asked.order, asked.office, asked.runs, asked.quiet, bool(asked.status)), place)
    values = {"person": asked.person_id, "now": now, "status": asked.status, "most": asked.limit + 1}
    rows = (await session.execute(statement, values)).all()
    rooms, after = order.page(rows, partial(_own_room, person_id=asked.person_id), limit=asked.limit)
    if asked.after:
        return OwnRooms(rooms=rooms, after=after)
    has = (await session.execute(_HAS_BESIDES, {"person": asked.person_id})).one()
    return OwnRooms(
        rooms=rooms,
        after=after,
        sponsors=await sponsors_of(session, asked.person_id) if has.sponsors else [],
        hand_overs=await hand_overs_of(session, asked.person_id) if has.hand_overs else [],
        concerns=await concerns_of(session, asked.person_id) if asked.office in (None, OwnOffice.STEWARD) else [],
    )


@lru_cache(maxsize=200)
def _listing(
    name: OwnOrder,
    office: OwnOffice | None,
    runs: bool,
    quiet: bool,
    has_status: bool,
) -> Select[Any]:
    """Return the statement, made once: to put it together takes as long as to run it."""
    order = ORDERS[name]
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == _PERSON)
    columns = (RoomRow.snapshot, RoomRow.seats_free, RoomRow.waiting, RoomRow.pending, CareRow.signs)
    last_begun = last_session_at(RoomRow.room_id, _NOW).label("last_session_at")
    statement = (
        select(*columns, CareRow.quiet_since, *order.shown, is_in_it.label("is_in_it"), last_begun)
        .outerjoin(CareRow, CareRow.room_id == RoomRow.room_id)
        .where(is_shown_to(_PERSON))
    )
    if runs or quiet or office in _OFFICES:
        statement = statement.where(holds_an_office(_PERSON))
    elif office is OwnOffice.PARTICIPANT:
        statement = statement.where(RoomRow.room_id.in_(rooms_attended(_PERSON)))
    else:
        statement = statement.where(RoomRow.room_id.in_(rooms_run_or_attended(_PERSON)))
    if quiet:
        statement = statement.where(CareRow.rank > 0)
    if office:
        statement = statement.where(has_office(_PERSON, office))
    if has_status:
        statement = statement.where(RoomRow.status == any_(bindparam("status", type_=ARRAY(Text))))
    return order.ordered(statement).limit(bindparam("most", type_=Integer))


def _own_room(row: Row[Any], person_id: UUID) -> OwnRoom:
    room = Room.model_validate(row.snapshot)
    runs = holds_office(room, person_id)
    return OwnRoom(
        room=room if row.is_in_it or runs else PublicRoom.model_validate(row.snapshot),
        office=own_office(room, person_id),
        next_session_at=room.next_session_at,
        last_session_at=row.last_session_at,
        seats_free=row.seats_free,
        waiting=row.waiting,
        pending=row.pending,
        signs=[Sign(each) for each in row.signs or () if each in _SIGNS] if runs else None,
        quiet_since=row.quiet_since if runs else None,
    )
