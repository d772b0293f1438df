"""How long transactions of membership lasted, and how many people they changed, as PostgreSQL itself reports.

``pg_stat_activity`` is read every few milliseconds: a transaction has an id from the moment it locks its first row, so
the time seen, from its beginning to the last look, differs by at most one look from the lock of its room. Which
transactions changed people of a room, and how many, is in ``xmin`` of the history's rows.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

EVERY_SECONDS = 0.005

_LOOK = """
SELECT backend_xid::text AS xid, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
FROM pg_stat_activity WHERE application_name = 'practio-membership' AND backend_xid IS NOT NULL
"""
_CHANGED = """
SELECT xmin::text AS xid, count(*) AS changes FROM membership.history WHERE room_id = $1::uuid AND id > $2 GROUP BY 1
"""


@dataclass(frozen=True)
class TransactionStats:
    """The transactions that changed people of one room: how many, the most changes in one, the longest in seconds."""

    transactions: int
    most_changes: int
    longest: float


@dataclass
class TransactionWatch:
    """The transactions seen: seconds by transaction id."""

    database: asyncpg.Connection
    history_before: int
    seconds: dict[str, float] = field(default_factory=dict)

    async def of_room(self, room_id: str) -> TransactionStats:
        """Return the totals of a room's transactions since the watch began."""
        rows = await self.database.fetch(_CHANGED, room_id, self.history_before)
        return TransactionStats(
            transactions=len(rows),
            most_changes=max((row["changes"] for row in rows), default=0),
            longest=max((self.seconds.get(row["xid"], 0.0) for row in rows), default=0.0),
        )


@asynccontextmanager
async def watching(database: asyncpg.Connection) -> AsyncIterator[TransactionWatch]:
    """Watch while the block runs."""
    last = await database.fetchval("SELECT coalesce(max(id), 0) FROM membership.history")
    watch, done = TransactionWatch(database, last), asyncio.Event()
    looking = asyncio.create_task(_look_on(watch, done))
    try:
        yield watch
    finally:
        done.set()
        await looking


async def _look_on(watch: TransactionWatch, done: asyncio.Event) -> None:
    while not done.is_set():
        for row in await watch.database.fetch(_LOOK):
            watch.seconds[row["xid"]] = row["seconds"]
        await asyncio.sleep(EVERY_SECONDS)
