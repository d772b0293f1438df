"""How full rooms are, from membership's newest events: written for all rooms of a batch at once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.bulk import taking, upsert_rows
from practio_contracts.membership import OccupancyChanged
from practio_notifications.tables import EVENT_DATA, OccupancyRow, metadata

_TABLE: Table = metadata.tables[OccupancyRow.__tablename__]


@dataclass(slots=True)
class OccupancyBatch:
    """The occupancies that a batch received, by room."""

    _received: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def record(self, event: OccupancyChanged) -> None:
        """Record the newest event about how full a room is."""
        self._received[event.room_id] = {"room_id": event.room_id, EVENT_DATA: event.model_dump(mode="json")}

    async def write(self, session: AsyncSession) -> None:
        """Write what was recorded."""
        await upsert_rows(session, _TABLE, list(self._received.values()), key=["room_id"], change=taking(EVENT_DATA))
        self._received.clear()
