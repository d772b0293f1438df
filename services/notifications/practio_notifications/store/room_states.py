"""Rooms as letters state them: the newest snapshot, how full they are, their sessions that are not over.

Of a session that this release cannot read only the ids are known: the room is read all the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import readable
from practio_chassis.database.sql import among
from practio_contracts.membership import OccupancyChanged
from practio_contracts.rooms import Room, Session
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.unread_sessions import UnreadSession
from practio_notifications.tables import OccupancyRow, RoomRow, SessionRow

_ROOMS = (
    select(RoomRow, OccupancyRow)
    .outerjoin(OccupancyRow, OccupancyRow.room_id == RoomRow.room_id)
    .where(among(RoomRow.room_id, "rooms"))
)
_SESSIONS = select(SessionRow).where(
    among(SessionRow.room_id, "rooms"), SessionRow.ends_at > bindparam("now", type_=SessionRow.ends_at.type)
)


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """A room as far as it is known: ``room`` is None if it is not, ``unread_sessions`` cannot be read."""

    room: Room | None = None
    occupancy: OccupancyChanged | None = None
    proposed_host_id: UUID | None = None
    sessions: tuple[AnnouncedSession, ...] = ()
    unread_sessions: tuple[UnreadSession, ...] = ()


@dataclass(slots=True)
class _Rows:
    room: RoomRow | None = None
    occupancy: OccupancyRow | None = None
    sessions: list[SessionRow] = field(default_factory=list)


async def room_states_of(
    session: AsyncSession, room_ids: Collection[UUID], now: datetime
) -> dict[UUID, KnownRoom | None]:
    """Return the state of each of ``room_ids``; None if this release cannot read it."""
    if not room_ids:
        return {}
    rows = {room_id: _Rows() for room_id in room_ids}
    for room, occupancy in await session.execute(_ROOMS, {"rooms": list(room_ids)}):
        rows[room.room_id].room, rows[room.room_id].occupancy = room, occupancy
    sessions = (await session.scalars(_SESSIONS, {"rooms": list(room_ids), "now": now})).all()
    for each in sessions:
        rows[each.room_id].sessions.append(each)
    announced = _announced(sessions)
    read = readable(rows, lambda each: _state(each, announced), unread=set(), table="room")
    return {room_id: read.get(room_id) for room_id in room_ids}


def _announced(rows: Iterable[SessionRow]) -> dict[UUID, AnnouncedSession]:
    """Return the sessions that this release can read."""

    def read(row: SessionRow) -> AnnouncedSession:
        return AnnouncedSession(Session.model_validate(row.snapshot), row.cause_id, row.was_added)

    return readable({row.session_id: row for row in rows}, read, unread=set(), table="session")


def _state(rows: _Rows, announced: Mapping[UUID, AnnouncedSession]) -> KnownRoom:
    room, occupancy = rows.room, rows.occupancy
    return KnownRoom(
        room=Room.model_validate(room.snapshot) if room else None,
        occupancy=OccupancyChanged.model_validate(occupancy.event_data) if occupancy else None,
        proposed_host_id=room.proposed_host_id if room else None,
        sessions=tuple(announced[row.session_id] for row in rows.sessions if row.session_id in announced),
        unread_sessions=tuple(
            UnreadSession(row.session_id, row.cause_id) for row in rows.sessions if row.session_id not in announced
        ),
    )
