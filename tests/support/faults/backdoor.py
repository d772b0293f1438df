"""Direct access to tables: expired times and the known version of a room in membership, a forgotten one elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from tests.support.stack.running import RunningStack

ENDS = {"offer": ("offered", "offer_expires_at"), "invitation": ("invited", "invitation_expires_at")}
"""What ends at an instant in the person's row: status and column, by the name of the timer."""


@dataclass(frozen=True)
class Backdoor:
    """A connection of the administrator's to the database of a stack."""

    connection: asyncpg.Connection

    async def known_version(self, room_id: str) -> int:
        """Return the version of the room that membership received last; 0 before any."""
        query = "SELECT (snapshot::jsonb->>'version')::int FROM membership.room WHERE room_id = $1"
        return int(await self.connection.fetchval(query, room_id) or 0)

    async def known_next_session(self, room_id: str) -> datetime | None:
        """Return the start of the room's next session that membership received last; None before any."""
        query = "SELECT (snapshot::jsonb->>'next_session_at')::timestamptz FROM membership.room WHERE room_id = $1"
        at: datetime | None = await self.connection.fetchval(query, room_id)
        return at

    async def time_is_over(self, room_id: str, what: str) -> None:
        """Let the time of every ``what`` of a room (offer, invitation) end now; timers stay unchanged."""
        status, column = ENDS[what]
        over = f"UPDATE membership.membership SET {column} = clock_timestamp()"
        await self.connection.execute(f"{over} WHERE room_id = $1 AND status = $2", room_id, status)

    async def timers_are_due(self, room_id: str, what: str) -> int:
        """Let every timer of that name in a room (offer, invitation, request, reminder) be due now; return how many."""
        async with self.connection.transaction():
            if what in ENDS:
                await self.time_is_over(room_id, what)
            due = "UPDATE membership.timer SET due_at = clock_timestamp() WHERE key LIKE $1 AND data->>'room_id' = $2"
            _, count = (await self.connection.execute(due, f"{what}:%", room_id)).split()
        return int(count)

    async def letters_forget(self, room_id: str) -> bool:
        """Let notifications forget a room, as after a restore; return whether it knew it."""
        async with self.connection.transaction():
            await self.connection.execute("DELETE FROM notifications.latest WHERE subject = $1", room_id)
            forgotten = "DELETE FROM notifications.room WHERE room_id = $1 RETURNING room_id"
            return await self.connection.fetchval(forgotten, UUID(room_id)) is not None


@asynccontextmanager
async def a_backdoor(stack: RunningStack) -> AsyncIterator[Backdoor]:
    """Yield the direct access for as long as the block runs."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        yield Backdoor(connection)
    finally:
        await connection.close()
