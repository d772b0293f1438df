"""Who holds which shard: advisory locks of PostgreSQL, on one session per instance.

Each instance holds a shared lock that says that it is there, and an exclusive one for each shard that it consumes; all
see all of them. PostgreSQL frees the locks of a session that ends. An instance speaks each second; one that has been
silent for too long may be frozen: another ends its session. Order does not rest on these locks: each queue has a single
active consumer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from practio_chassis.outbound.leadership import SILENCE_SECONDS
from practio_chassis.telemetry.log import logger

# A lock with two keys: pg_locks shows the first as classid and the second as objid, objsubid 2 says so.
_HERE = """
    FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND pg_locks.database = (
        SELECT oid FROM pg_database WHERE datname = current_database()
    )
    AND classid::bigint = (hashtext(:name)::bigint & 4294967295)
"""
_HELD = text(f"SELECT pid, objid::bigint AS key, pg_backend_pid() AS own {_HERE}")
_END_SILENT = text(
    f"""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid IN (SELECT pid {_HERE} AND objid = 0) AND pid <> pg_backend_pid()
    AND wait_event_type = 'Client'  -- it waits for its client: no statement of it is running
    AND clock_timestamp() - greatest(query_start, state_change) > make_interval(secs => :silence)
    """
)
_PRESENCE = 0

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """The instances that are there, and which of them holds each shard; instances by their process id in PostgreSQL."""

    own: int
    instances: Sequence[int]
    holders: Mapping[int, int]


class Claims:
    """The locks ``name`` on one session, which nothing else uses."""

    def __init__(self, session: AsyncConnection, name: str) -> None:
        self._session = session
        self._name = name

    async def be_there(self) -> None:
        """Record that this instance is there, for as long as the session lasts."""
        await self._session.execute(select(func.pg_advisory_lock_shared(func.hashtext(self._name), _PRESENCE)))

    async def held(self) -> Held:
        """Return what is held, after ending the sessions of silent instances."""
        silent = {"name": self._name, "silence": SILENCE_SECONDS}
        if (await self._session.execute(_END_SILENT, silent)).all():
            _log.warning("ended the session of an instance that was silent", lock=self._name)
        rows = (await self._session.execute(_HELD, {"name": self._name})).all()
        return Held(
            own=rows[0].own,
            instances=[row.pid for row in rows if row.key == _PRESENCE],
            holders={row.key - 1: row.pid for row in rows if row.key != _PRESENCE},
        )

    async def take(self, shard: int) -> bool:
        """Return whether this instance holds the shard now; another may have been faster."""
        lock = select(func.pg_try_advisory_lock(func.hashtext(self._name), shard + 1))
        return bool(await self._session.scalar(lock))

    async def give_up(self, shard: int) -> None:
        """Let others have the shard."""
        await self._session.execute(select(func.pg_advisory_unlock(func.hashtext(self._name), shard + 1)))
