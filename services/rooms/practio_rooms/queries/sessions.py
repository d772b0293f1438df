"""The sessions of a room: complete for the people in it and its offices, without place and link for others.

People who were in the room when it ended see its past, without place and link: its notes are about these sessions.
"""

from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    ScalarSelect,
    Select,
    Uuid,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.fields import Instant
from practio_contracts.rooms import (
    LONGEST,
    ListSessions,
    PublicSession,
    RoomStatus,
    Session,
    SessionPeriod,
    SessionsFound,
    SessionStatus,
)
from practio_rooms.domain.room import ROOM_UNKNOWN, not_allowed
from practio_rooms.queries.ordering import Order
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.tables import SessionRow

MOST_NEXT = 20
"""The most sessions shown with a room."""

_BY_START = {"starts_at": SessionRow.starts_at, "session_id": SessionRow.session_id}
_COMING = Order(
    SessionPeriod.COMING,
    _BY_START,
    TypeAdapter(tuple[Literal[SessionPeriod.COMING], Instant, UUID]),
    is_descending=False,
)
_PAST = Order(SessionPeriod.PAST, _BY_START, TypeAdapter(tuple[Literal[SessionPeriod.PAST], Instant, UUID]))
_FOR_THE_ROOM = not_allowed(
    "only the people in the room and its offices can see this: others see the coming sessions of a published room"
)

Room = UUID | BindParameter[UUID]
At = datetime | BindParameter[datetime]
"""The id of a room, and an instant, or their places in a statement that is made once."""


async def list_sessions(
    query: ReceivedMessage[ListSessions], session: AsyncSession, now: datetime
) -> SessionsFound | Refusal:
    """Return a page of a room's sessions; the past ones include all that were cancelled."""
    asked = query.message
    is_coming = asked.when is SessionPeriod.COMING
    order = _COMING if is_coming else _PAST
    place = read_cursor(asked.after, order.places)
    if isinstance(place, Refusal):
        return place
    found = await visible_room(session, asked.room_id, query.actor)
    if found is None:
        return ROOM_UNKNOWN
    is_public = is_coming and found.room.status is RoomStatus.PUBLISHED
    if not (found.is_whole or is_public or (found.was_in_it and not is_coming)):
        return _FOR_THE_ROOM
    statement = _coming(asked.room_id, now, now - LONGEST) if is_coming else _past(asked.room_id, now)
    rows = (await session.scalars(order.after(statement, place).limit(asked.limit + 1))).all()
    shown = Session if found.is_whole else PublicSession
    sessions, after = order.page(rows, partial(shown.model_validate, from_attributes=True), limit=asked.limit)
    return SessionsFound(sessions=sessions, after=after)


async def next_sessions(
    room_id: UUID, session: AsyncSession, now: datetime, *, is_whole: bool, most_bytes: int
) -> list[PublicSession | Session]:
    """Return the sessions that are not over, including one that has begun, as many as ``most_bytes`` hold."""
    rows = await session.scalars(_NEXT, {"room": room_id, "now": now, "earliest": now - LONGEST})
    shown = Session if is_whole else PublicSession
    return list(fitting((shown.model_validate(row, from_attributes=True) for row in rows), most=most_bytes, least=0))


def last_session_at(room_id: Room | InstrumentedAttribute[UUID], now: At) -> ScalarSelect[datetime]:
    """Return the query for the start of a room's last session that has begun and was not cancelled."""
    has_begun = (SessionRow.starts_at <= now, SessionRow.status == SessionStatus.SCHEDULED)
    return select(func.max(SessionRow.starts_at)).where(SessionRow.room_id == room_id, *has_begun).scalar_subquery()


def _coming(room_id: Room, now: At, earliest: At) -> Select[SessionRow]:
    """Return the statement for the sessions that are not over; those that have begun did so after ``earliest``."""
    is_not_over = (SessionRow.starts_at > earliest, SessionRow.ends_at > now)
    is_held = SessionRow.status == SessionStatus.SCHEDULED
    return _COMING.ordered(_of_room(room_id, *is_not_over, is_held))


def _past(room_id: UUID, now: datetime) -> Select[SessionRow]:
    is_over_or_cancelled = (SessionRow.ends_at <= now) | (SessionRow.status == SessionStatus.CANCELLED)
    return _PAST.ordered(_of_room(room_id, is_over_or_cancelled))


def _of_room(room_id: Room, *conditions: ColumnElement[bool]) -> Select[SessionRow]:
    return select(SessionRow).where(SessionRow.room_id == room_id, *conditions)


_INSTANT = DateTime(timezone=True)
_NEXT = _coming(
    bindparam("room", type_=Uuid), bindparam("now", type_=_INSTANT), bindparam("earliest", type_=_INSTANT)
).limit(MOST_NEXT)
"""The sessions shown with a room: made once, since to put it together takes as long as to run it."""
