"""The rooms that a person runs or is in: those that meet soonest first."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import BigInteger, Row, Uuid, exists, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_chassis.paging import fitting, read_cursor, write_cursor
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import ListOwnRooms, OwnRoom, OwnRooms, PublicRoom, Room
from practio_rooms.domain.own_rooms import not_theirs, own_office
from practio_rooms.domain.room import holds_office
from practio_rooms.queries.own import has_office, is_shown_to, rooms_run_or_attended
from practio_rooms.queries.sessions import last_session_at
from practio_rooms.store.sponsors import sponsors_of
from practio_rooms.tables import PresenceRow, RoomRow

_SOONEST = (RoomRow.session_sort_key, RoomRow.room_id)
_PLACES = TypeAdapter(tuple[Literal["own-room"], Annotated[int, Field(ge=-(2**63), lt=2**63)], UUID])


async def list_own_rooms(
    query: ReceivedMessage[ListOwnRooms], session: AsyncSession, now: datetime
) -> OwnRooms | Refusal:
    """Return a page of a person's own rooms, to that person and the system; drafts only of their host."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if refusal := place if isinstance(place, Refusal) else not_theirs(asked.person_id, query.actor):
        return refusal
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == asked.person_id)
    columns = (RoomRow.snapshot, RoomRow.seats_free, RoomRow.waiting, RoomRow.pending, *_SOONEST)
    last_begun = last_session_at(RoomRow.room_id, now).label("last_session_at")
    statement = select(*columns, is_in_it.label("is_in_it"), last_begun).where(
        RoomRow.room_id.in_(rooms_run_or_attended(asked.person_id, also_ended=True)), is_shown_to(asked.person_id)
    )
    if asked.office:
        statement = statement.where(has_office(asked.person_id, asked.office))
    if asked.status:
        statement = statement.where(one_of(RoomRow.status, asked.status))
    if place and not isinstance(place, Refusal):
        last = tuple_(literal(place[1], BigInteger), literal(place[2], Uuid))
        statement = statement.where(tuple_(*_SOONEST) < last)
    ordered = statement.order_by(*(column.desc() for column in _SOONEST)).limit(asked.limit + 1)
    rows = (await session.execute(ordered)).all()
    rooms = list(fitting(_own_room(row, asked.person_id) for row in rows[: asked.limit]))
    last_row = rows[len(rooms) - 1] if len(rooms) < len(rows) else None
    after = last_row and write_cursor("own-room", last_row.session_sort_key, last_row.room_id)
    sponsors = [] if asked.after else await sponsors_of(session, asked.person_id)
    return OwnRooms(rooms=rooms, after=after, sponsors=sponsors)


def _own_room(row: Row[Any], person_id: UUID) -> OwnRoom:
    room = Room.model_validate(row.snapshot)
    is_whole = row.is_in_it or holds_office(room, person_id)
    return OwnRoom(
        room=room if is_whole else PublicRoom.model_validate(row.snapshot),
        office=own_office(room, person_id),
        next_session_at=room.next_session_at,
        last_session_at=row.last_session_at,
        seats_free=row.seats_free,
        waiting=row.waiting,
        pending=row.pending,
    )
