"""Whether batches of events have ever reached their readers: then a relay never goes back to single events by itself.

If all bindings of batches are gone, an operator wants single events again, or has lost the bindings. Single events are
bound in the first case alone, and no service can see bindings. So ``practio provision --events singly`` deletes the row
of this table.
"""

from typing import Protocol

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database.tables import ChassisTables


class CarriageRecord(Protocol):
    """What is known about how events have travelled."""

    async def batches_were_read(self) -> bool:
        """Return whether batches have reached every reader, and nobody has asked for single events since."""

    async def note_batches_read(self) -> None:
        """Note that batches reach every reader."""


class StoredCarriageRecord:
    """The record in a service's database."""

    def __init__(self, tables: ChassisTables, pool: AsyncEngine) -> None:
        self._table = tables.batches_read
        self._pool = pool

    async def batches_were_read(self) -> bool:
        """Return whether the row is there."""
        async with self._pool.connect() as connection:
            return bool(await connection.scalar(select(exists(select(self._table.c.one)))))

    async def note_batches_read(self) -> None:
        """Write the row, unless it is there."""
        async with self._pool.begin() as connection:
            await connection.execute(insert(self._table).values(one=True).on_conflict_do_nothing())
