"""One room, its next sessions and public notes; place and link only for the people in it and its offices."""

from datetime import datetime

from sqlalchemy import DateTime, bindparam
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import PAGE_BYTES
from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, PublicRoom, RoomResult
from practio_rooms.domain.room import ROOM_UNKNOWN, holds_office, is_host_or_system
from practio_rooms.domain.viability import is_viable, missing_roles
from practio_rooms.queries.next_session import next_session_of
from practio_rooms.queries.notes import has_published_notes, published_notes
from practio_rooms.queries.related import copies_of, has_copies, origin_of
from practio_rooms.queries.sessions import last_session_at, next_sessions
from practio_rooms.queries.visible_room import visible, visible_room
from practio_rooms.tables import RoomRow

_VISIBLE = visible(
    last_session_at(RoomRow.room_id, bindparam("now", type_=DateTime(timezone=True))).label("last_session_at"),
    has_copies(RoomRow.room_id).label("has_copies"),
    has_published_notes(RoomRow.room_id).label("has_notes"),
)
"""A room, and whether there is what most have not and is then not asked for."""


async def get_room(query: ReceivedMessage[GetRoom], session: AsyncSession, now: datetime) -> RoomResult | Refusal:
    """Return a room: complete for the people in it and its offices, without place and link for others."""
    by = query.actor
    found = await visible_room(session, query.message.room_id, by, statement=_VISIBLE, now=now)
    if found is None:
        return ROOM_UNKNOWN
    room = found.room
    left = PAGE_BYTES - len(room.model_dump_json().encode())
    result = RoomResult(
        room=room if found.is_whole else PublicRoom.model_validate(room.model_dump()),
        sessions=await next_sessions(room.room_id, session, now, is_whole=found.is_whole, most_bytes=left),
        viable=is_viable(room, found.roles_taken),
        missing_roles=missing_roles(room, found.roles_taken),
        proposed_host_id=(
            found.proposed_host_id if is_host_or_system(room, by) or by == found.proposed_host_id else None
        ),
        last_session_at=found.row.last_session_at if found.is_whole else None,
        next_session=await next_session_of(room, session, now) if holds_office(room, by) else None,
        origin=await origin_of(room, session, by),
        copies=await copies_of(room, session, by) if found.row.has_copies else [],
    )
    if not found.row.has_notes:
        return result
    left = PAGE_BYTES - len(result.model_dump_json().encode())
    return result.model_copy(update={"notes": await published_notes(room.room_id, session, most_bytes=left)})
