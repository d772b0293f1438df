"""The sessions of a room: complete for the people in it and its offices, without place and link for others.

Who was in a room when it ended sees its past, without place and link: its notes are about these sessions.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
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
    literal,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.paging import fitting, read_cursor, write_cursor
from practio_chassis.received import ReceivedMessage
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
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.tables import SessionRow

MOST_NEXT = 20
"""The most sessions shown with a room."""

_BY_START = (SessionRow.starts_at, SessionRow.session_id)
_PLACES = TypeAdapter(tuple[Literal["coming", "past"], Instant, UUID])
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
    place = read_cursor(asked.after, _PLACES)
    if isinstance(place, Refusal):
        return place
    found = await visible_room(session, asked.room_id, query.actor)
    if found is None:
        return ROOM_UNKNOWN
    is_coming = asked.when is SessionPeriod.COMING
    is_public = is_coming and found.room.status is RoomStatus.PUBLISHED
    if not (found.is_whole or is_public or (found.was_in_it and not is_coming)):
        return _FOR_THE_ROOM
    statement = _coming(asked.room_id, now, now - LONGEST) if is_coming else _past(asked.room_id, now)
    if place:
        last = tuple_(literal(place[1], DateTime(timezone=True)), literal(place[2], Uuid))
        statement = statement.where(tuple_(*_BY_START) > last if is_coming else tuple_(*_BY_START) < last)
    rows = (await session.scalars(statement.limit(asked.limit + 1))).all()
    sessions = list(fitting(_shown(rows[: asked.limit], is_whole=found.is_whole)))
    last_row = rows[len(sessions) - 1] if len(sessions) < len(rows) else None
    after = last_row and write_cursor(asked.when, last_row.starts_at, last_row.session_id)
    return SessionsFound(sessions=sessions, after=after)


async def next_sessions(
    room_id: UUID, session: AsyncSession, now: datetime, *, is_whole: bool, most_bytes: int
) -> list[PublicSession | Session]:
    """Return the sessions that are not over, including one that has begun, as many as ``most_bytes`` hold."""
    rows = await session.scalars(_NEXT, {"room": room_id, "now": now, "earliest": now - LONGEST})
    return list(fitting(_shown(rows, is_whole=is_whole), most=most_bytes, least=0))


def last_session_at(room_id: Room | InstrumentedAttribute[UUID], now: At) -> ScalarSelect[datetime]:
    """Return the query for the start of a room's last session that has begun and was not cancelled."""
    has_begun = (SessionRow.starts_at <= now, SessionRow.status == SessionStatus.SCHEDULED)
    return select(func.max(SessionRow.starts_at)).where(SessionRow.room_id == room_id, *has_begun).scalar_subquery()


def _coming(room_id: Room, now: At, earliest: At) -> Select[SessionRow]:
    """Return the statement for the sessions that are not over; those that have begun did so after ``earliest``."""
    is_not_over = (SessionRow.starts_at > earliest, SessionRow.ends_at > now)
    is_held = SessionRow.status == SessionStatus.SCHEDULED
    return _of_room(room_id, *is_not_over, is_held).order_by(*_BY_START)


def _past(room_id: UUID, now: datetime) -> Select[SessionRow]:
    is_over_or_cancelled = (SessionRow.ends_at <= now) | (SessionRow.status == SessionStatus.CANCELLED)
    return _of_room(room_id, is_over_or_cancelled).order_by(*(column.desc() for column in _BY_START))


def _of_room(room_id: Room, *conditions: ColumnElement[bool]) -> Select[SessionRow]:
    return select(SessionRow).where(SessionRow.room_id == room_id, *conditions)


def _shown(rows: Iterable[SessionRow], *, is_whole: bool) -> Iterator[PublicSession | Session]:
    kind = Session if is_whole else PublicSession
    return (kind.model_validate(row, from_attributes=True) for row in rows)


_INSTANT = DateTime(timezone=True)
_NEXT = _coming(
    bindparam("room", type_=Uuid), bindparam("now", type_=_INSTANT), bindparam("earliest", type_=_INSTANT)
).limit(MOST_NEXT)
"""The sessions shown with a room: made once, since to put it together takes as long as to run it."""
