"""How rooms stand, with their sessions, read without a lock: a version always says the same."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.rooms import Room, RoomStatus, Session
from practio_rooms.tables import RoomRow, SessionRow


@dataclass(frozen=True, slots=True)
class RoomStanding:
    """A room, who is asked to become its host, and its sessions that others were told of and that are not over."""

    room: Room
    proposed_host_id: UUID | None = None
    sessions: Sequence[Session] = ()


async def standing_of(session: AsyncSession, room_ids: Collection[UUID], now: datetime) -> list[RoomStanding]:
    """Give how rooms stand, in the order of their ids; one that is not there is left out."""
    rows = await session.scalars(select(RoomRow).where(one_of(RoomRow.room_id, room_ids)).order_by(RoomRow.room_id))
    found = [(Room.model_validate(row.snapshot), row.proposed_host_id) for row in rows]
    sessions = await _sessions(session, [room.room_id for room, _ in found if room.status is not RoomStatus.DRAFT], now)
    return [RoomStanding(room, proposed, sessions[room.room_id]) for room, proposed in found]


async def is_known(session: AsyncSession, room_id: UUID) -> bool:
    """Say whether there is such a room."""
    return bool(await session.scalar(select(RoomRow.room_id).where(RoomRow.room_id == room_id)))


async def _sessions(session: AsyncSession, room_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Session]]:
    is_wanted = (one_of(SessionRow.room_id, room_ids), SessionRow.ends_at > now)
    found: dict[UUID, list[Session]] = defaultdict(list)
    for row in await session.scalars(select(SessionRow).where(*is_wanted).order_by(SessionRow.starts_at)):
        found[row.room_id].append(Session.model_validate(row, from_attributes=True))
    return found
