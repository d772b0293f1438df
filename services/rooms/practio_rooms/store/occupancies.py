"""How full rooms are, from membership's newest events: written for all rooms of a batch at once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from practio_chassis.database.bulk import update_rows
from practio_contracts.membership import OccupancyChanged
from practio_rooms.tables import RoomRow, metadata

_ROOM: Table = metadata.tables[RoomRow.__tablename__]


@dataclass(slots=True)
class OccupancyBatch:
    """The occupancies that a batch received, by room."""

    _received: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def record(self, row: RoomRow, event: OccupancyChanged) -> None:
        """Record how full the room of ``row`` is, and show it there; the row itself writes nothing of it."""
        figures = {
            "seats_free": event.free,
            "waiting": event.waiting,
            "pending": event.pending,
            "roles_taken": {name: role.taken for name, role in event.by_role.items()},
        }
        self._received[row.room_id] = {"room_id": row.room_id, **figures}
        for name, value in figures.items():
            set_committed_value(row, name, value)

    async def write(self, session: AsyncSession) -> None:
        """Write what was received since the last time; the rooms are locked and not new."""
        await update_rows(session, _ROOM, list(self._received.values()), key="room_id")
        self._received.clear()
