"""Membership's tables, by the back door: time that has passed, and which rules of a room it knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from tests.support.stack.running import Stack

ENDS = {"offer": ("offered", "offer_expires_at"), "invitation": ("invited", "invitation_expires_at")}
"""What is over at an instant that the person's row tells: status and column, by the name of the timer."""


@dataclass(frozen=True)
class Backdoor:
    """A connection of the administrator's to the database of a stack."""

    connection: asyncpg.Connection

    async def known_version(self, room_id: str) -> int:
        """Give the version of the room that membership has heard of last; 0 before any."""
        query = "SELECT (snapshot::jsonb->>'version')::int FROM membership.room WHERE room_id = $1"
        return int(await self.connection.fetchval(query, room_id) or 0)

    async def known_next_session(self, room_id: str) -> datetime | None:
        """Give the start of the room's next session that membership has heard of last; None before any."""
        query = "SELECT (snapshot::jsonb->>'next_session_at')::timestamptz FROM membership.room WHERE room_id = $1"
        at: datetime | None = await self.connection.fetchval(query, room_id)
        return at

    async def time_is_over(self, room_id: str, what: str) -> None:
        """Let the time of every ``what`` of a room (offer, invitation) be over now; timers stay as they were."""
        status, column = ENDS[what]
        over = f"UPDATE membership.membership SET {column} = clock_timestamp()"
        await self.connection.execute(f"{over} WHERE room_id = $1 AND status = $2", room_id, status)

    async def timers_are_due(self, room_id: str, what: str) -> int:
        """Let every timer of that name in a room (offer, invitation, request, reminder) be due now; give how many."""
        async with self.connection.transaction():
            if what in ENDS:
                await self.time_is_over(room_id, what)
            due = "UPDATE membership.timer SET due_at = clock_timestamp() WHERE key LIKE $1 AND data->>'room_id' = $2"
            _, count = (await self.connection.execute(due, f"{what}:%", room_id)).split()
        return int(count)


@asynccontextmanager
async def a_backdoor(stack: Stack) -> AsyncIterator[Backdoor]:
    """Give the back door for as long as the block runs."""
    connection = await asyncpg.connect(stack.target.database_url)
    try:
        yield Backdoor(connection)
    finally:
        await connection.close()
