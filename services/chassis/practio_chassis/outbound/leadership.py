"""Leading by advisory lock: one session per service holds it, and one that falls silent loses it.

PostgreSQL frees the lock only when it notices that the session is over. A frozen process never ends its session, and a
lost host ends it after hours. So the leader speaks to the database every few seconds, and an instance that stands by
ends the session of a leader that has not spoken for too long. This is also the fence: the rows that a leader published
are deleted through the session that holds the lock, so a leader that wakes up late can delete nothing, and it publishes
nothing once it has been silent for almost that long.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from practio_chassis.telemetry.log import logger

SILENCE_SECONDS = 10.0
"""The silence after which a leader's session is ended."""

TRUSTED_SECONDS = 8.0
"""How long a leader may trust that it still leads after it last spoke; less than the silence that ends its session."""

_SPEAK_EVERY_SECONDS = 2.0

# The lock's key is one bigint: pg_locks shows its halves, objsubid 1 says so.
_END_SILENT_LEADER = text(
    """
    SELECT pg_terminate_backend(pid)
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.database = (
        SELECT oid FROM pg_database WHERE datname = current_database()
    )
    AND ((classid::bigint << 32) | objid::bigint) = hashtext(:name)::bigint
    AND wait_event_type = 'Client'  -- it waits for its client: no statement of it is running
    AND clock_timestamp() - greatest(query_start, state_change) > make_interval(secs => :silence)
    """
)

_log = logger(__name__)


class LostLeadershipError(ConnectionError):
    """The leader has not spoken to the database for so long that another instance may lead."""


class Leadership:
    """The lock ``name`` on one session, which nothing else uses."""

    def __init__(self, session: AsyncConnection, name: str) -> None:
        self._session = session
        self._name = name
        self._spoke_at = float("-inf")

    async def take(self) -> bool:
        """Try to lead; return whether this session does. End the session of a leader that is silent."""
        asked_at = time.monotonic()
        lock = select(func.pg_try_advisory_lock(func.hashtext(self._name)))
        if await self._session.scalar(lock):
            self._spoke_at = asked_at
            return True
        silent = {"name": self._name, "silence": SILENCE_SECONDS}
        if (await self._session.execute(_END_SILENT_LEADER, silent)).all():
            _log.warning("ended the session of a leader that was silent", lock=self._name)
        return False

    def check(self) -> None:
        """Raise LostLeadershipError if another instance may lead by now."""
        if time.monotonic() - self._spoke_at > TRUSTED_SECONDS:
            raise LostLeadershipError("silent for too long to lead")

    def spoke(self, asked_at: float) -> None:
        """Record that the database answered a statement sent at ``asked_at``, by the monotonic clock."""
        self._spoke_at = max(self._spoke_at, asked_at)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep speaking to the database while the block waits for something else and leaves the session alone.

        The block, which may wait for long, is cancelled if the session is lost; what was raised then is raised.
        """
        over = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as speaking:
                speaking.create_task(self._speak_until(over))
                try:
                    yield
                finally:
                    over.set()  # cancelling a statement under way would end the session
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _speak_until(self, over: asyncio.Event) -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_SPEAK_EVERY_SECONDS):
                    await over.wait()
                return
            asked_at = time.monotonic()
            await self._session.execute(text("SELECT 1"))
            self.spoke(asked_at)
