"""The shards that an instance consumes: its share, looked at each second."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aio_pika.abc import AbstractConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from practio_chassis.broker.connection import close, connect_once
from practio_chassis.database.sharding import Sharding
from practio_chassis.inbound.shards.claims import Claims, Held
from practio_chassis.inbound.shards.shard_queue import ShardQueue
from practio_chassis.inbound.shards.shares import plan, share_of
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import SHARDS
from practio_contracts.broker_errors import LOST

LOOK_EVERY_SECONDS = 1.0
_WAKE_EVERY_SECONDS = 30.0
_WAKE_SECONDS = 5.0
_STOP_SECONDS = 5.0
"""How long a batch may take that is under way when its shard is given up; a longer one is rolled back."""

_log = logger(__name__)

OpenShard = Callable[[int, int], ShardQueue]
"""Returns a shard's queue, not yet consumed, by the number of the shard and of messages to have in hand at most."""


class Shards:
    """The shards of one instance; without shards, it only looks whether there are any."""

    def __init__(
        self,
        *,
        service: str,
        sharding: Sharding,
        pool: AsyncEngine,
        broker_url: str,
        prefetch: int,
        shard_queue: OpenShard,
        wake_forwarder: Callable[[], Awaitable[None]],
    ) -> None:
        self._service = service
        self._sharding = sharding
        self._pool = pool
        self._broker_url = broker_url
        self._prefetch = prefetch
        self._shard_queue = shard_queue
        self._wake_forwarder = wake_forwarder
        self._woken_at = float("-inf")
        self._connection: AbstractConnection | None = None
        self._held: dict[int, ShardQueue] = {}

    @property
    def consumed(self) -> list[ShardQueue]:
        """Return the queues of the shards that this instance holds."""
        return list(self._held.values())

    @property
    def consuming(self) -> bool:
        """Return whether every shard that this instance holds is consumed."""
        return all(each.is_open for each in self._held.values())

    async def stand_by(self) -> bool:
        """Consume this instance's share as long as there are shards. Raise what ends that."""
        if await self._queues() == 1:
            return False
        async with self._pool.connect() as pooled:
            session = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            claims = Claims(session, f"{self._service} shards")
            try:
                await claims.be_there()
                while (queues := await self._queues()) > 1:
                    await self._take_share(claims, queues)
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
            finally:
                await self._let_go(session)
        return False

    async def _queues(self) -> int:
        """Return how many shard queues there are; wake the forwarder now and then while another number is wanted."""
        spread = await self._sharding.read()
        if spread.wanted == spread.active:
            self._woken_at = float("-inf")
        elif time.monotonic() - self._woken_at > _WAKE_EVERY_SECONDS:
            self._woken_at = time.monotonic()
            with suppress(*LOST):  # a courtesy: without it, the forwarder wakes with the next command
                async with asyncio.timeout(_WAKE_SECONDS):
                    await self._wake_forwarder()
        return spread.queues

    async def _take_share(self, claims: Claims, shards: int) -> None:
        """Let others have what is too much, take what is missing, and consume all that is held."""
        held = await claims.held()
        planned = plan(held.own, held.instances, held.holders, shards)
        prefetch = _each(self._prefetch, held, shards)
        await asyncio.gather(*(self._close(shard) for shard in planned.give_up))
        for shard in planned.give_up:
            await claims.give_up(shard)
        for shard in planned.take:
            if await claims.take(shard):
                self._held[shard] = self._shard_queue(shard, prefetch)
        renewed = {
            shard: queue for shard, queue in self._held.items() if not queue.is_open or queue.prefetch != prefetch
        }
        await asyncio.gather(*(queue.close(within=_STOP_SECONDS) for queue in renewed.values()))
        for shard in renewed:
            await self._open(shard, prefetch)
        SHARDS.set(len(self._held))

    async def _open(self, shard: int, prefetch: int) -> None:
        fresh = self._held[shard] = self._shard_queue(shard, prefetch)
        try:
            if self._connection is None or self._connection.is_closed:
                self._connection = await connect_once(self._broker_url, name=f"practio-{self._service}-shards")
            await fresh.open(self._connection)
        except LOST as error:
            _log.warning("a shard cannot be consumed yet", shard=shard, **failure(error))
            if not any(each.is_open for each in self._held.values()):
                await self._disconnect()

    async def _close(self, shard: int) -> None:
        if queue := self._held.pop(shard, None):
            await queue.close(within=_STOP_SECONDS)

    async def _disconnect(self) -> None:
        """Close the connection, and forget it: one that is lost may say that it is not closed."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await close(connection)

    async def _let_go(self, session: AsyncConnection) -> None:
        """Close everything, then free the locks; the batches under way are finished side by side."""
        try:
            await asyncio.gather(*(self._close(shard) for shard in list(self._held)), return_exceptions=True)
            SHARDS.set(0)
            await self._disconnect()
        finally:
            await session.invalidate()  # back in the pool it would keep the locks


def _each(prefetch: int, held: Held, shards: int) -> int:
    """Return how many messages of each shard an instance has in hand: of all its shards as many as of another queue."""
    return max(1, prefetch // max(1, share_of(held.own, held.instances, shards)))
