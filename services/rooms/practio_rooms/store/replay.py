"""Rooms and their sessions for a replay, read without a lock: a version never changes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.rooms import Room, RoomStatus, Session, Sign
from practio_rooms.domain.care import Care
from practio_rooms.tables import CareRow, RoomRow, SessionRow


@dataclass(frozen=True, slots=True)
class ReplayedRoom:
    """A room, the person proposed as its host, its signs that it is quiet, and its sessions that are not over."""

    room: Room
    proposed_host_id: UUID | None = None
    care: Care = field(default_factory=Care)
    sessions: Sequence[Session] = ()


async def load_for_replay(session: AsyncSession, room_ids: Collection[UUID], now: datetime) -> list[ReplayedRoom]:
    """Return rooms in the order of their ids; a missing one is omitted."""
    rows = await session.scalars(select(RoomRow).where(one_of(RoomRow.room_id, room_ids)).order_by(RoomRow.room_id))
    found = [(row.room, row.proposed_host_id) for row in rows]
    sessions = await _sessions(session, [room.room_id for room, _ in found if room.status is not RoomStatus.DRAFT], now)
    care = await _care(session, [room.room_id for room, _ in found])
    return [
        ReplayedRoom(room, proposed, care.get(room.room_id, Care()), sessions[room.room_id]) for room, proposed in found
    ]


async def _care(session: AsyncSession, room_ids: Collection[UUID]) -> dict[UUID, Care]:
    rows = await session.scalars(select(CareRow).where(one_of(CareRow.room_id, room_ids)))
    return {row.room_id: Care(tuple(Sign(each) for each in row.signs), row.quiet_since) for row in rows}


async def room_exists(session: AsyncSession, room_id: UUID) -> bool:
    """Return whether the room exists."""
    return bool(await session.scalar(select(RoomRow.room_id).where(RoomRow.room_id == room_id)))


async def _sessions(session: AsyncSession, room_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Session]]:
    is_wanted = (one_of(SessionRow.room_id, room_ids), SessionRow.ends_at > now)
    found: dict[UUID, list[Session]] = defaultdict(list)
    for row in await session.scalars(select(SessionRow).where(*is_wanted).order_by(SessionRow.starts_at)):
        found[row.room_id].append(Session.model_validate(row, from_attributes=True))
    return found
