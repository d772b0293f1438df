"""One room, its next sessions and public notes; place and link only for the people in it and its offices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, PublicRoom, Room, RoomResult
from practio_rooms.domain.room import ROOM_UNKNOWN, holds_office, is_host_or_system, is_visible_to
from practio_rooms.domain.viability import is_viable, missing_roles
from practio_rooms.queries.cursors import PAGE_BYTES
from practio_rooms.queries.notes import published_notes
from practio_rooms.queries.sessions import next_sessions
from practio_rooms.tables import PresenceRow, RoomRow


async def get_room(query: ReceivedMessage[GetRoom], session: AsyncSession, now: datetime) -> RoomResult | Refusal:
    """Return a room: complete for the people in it and its offices, without place and link for others."""
    by = query.actor
    is_in_it = exists().where(PresenceRow.room_id == RoomRow.room_id, PresenceRow.person_id == _person(by))
    statement = select(RoomRow.snapshot, is_in_it, RoomRow.roles_taken, RoomRow.proposed_host_id)
    found = (await session.execute(statement.where(RoomRow.room_id == query.message.room_id))).one_or_none()
    if found is None:
        return ROOM_UNKNOWN
    room = Room.model_validate(found[0])
    if not is_visible_to(room, by):
        return ROOM_UNKNOWN
    is_whole = found[1] or holds_office(room, by)
    left = PAGE_BYTES - len(room.model_dump_json().encode())
    result = RoomResult(
        room=room if is_whole else PublicRoom.model_validate(found[0]),
        sessions=await next_sessions(room.room_id, session, now, is_whole=is_whole, most_bytes=left),
        viable=is_viable(room, found[2]),
        missing_roles=missing_roles(room, found[2]),
        proposed_host_id=found[3] if is_host_or_system(room, by) or by == found[3] else None,
    )
    left = PAGE_BYTES - len(result.model_dump_json().encode())
    return result.model_copy(update={"notes": await published_notes(room.room_id, session, most_bytes=left)})


def _person(actor: UUID | str | None) -> UUID | None:
    return actor if isinstance(actor, UUID) else None
