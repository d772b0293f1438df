"""One shard's queue, as an instance consumes it that holds the shard."""

import asyncio
from collections.abc import Callable
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from practio_chassis.broker.connection import CONNECT_SECONDS, close
from practio_chassis.inbound.arrival import Arrival
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.process.loops import Loops


class ShardQueue:
    """The queue ``name`` on a channel of its own, with at most ``prefetch`` messages in hand."""

    def __init__(
        self,
        name: str,
        *,
        prefetch: int,
        consumer: Consumer,
        receive: Callable[[AbstractIncomingMessage], Arrival],
        loops: Loops,
    ) -> None:
        self.prefetch = prefetch
        self.consumer = consumer
        self._name = name
        self._receive = receive
        self._loops = loops
        self._channel: AbstractChannel | None = None
        self._tag: str | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the queue is consumed; the broker may also have ended the consumer alone."""
        if self._channel is None or self._channel.is_closed:
            return False
        underlay: Any = self._channel._channel  # type: ignore[attr-defined]  # the public way to it waits
        return underlay is not None and self._tag in underlay.channel.consumers

    async def open(self, connection: AbstractConnection) -> None:
        """Consume the queue. Raise one of ``LOST`` if that is not possible."""
        async with asyncio.timeout(CONNECT_SECONDS):
            self._channel = await connection.channel(publisher_confirms=False)
            await self._channel.set_qos(prefetch_count=self.prefetch)
            queue = await self._channel.get_queue(self._name, ensure=False)
            self._running = asyncio.create_task(self._loops.run(self._name, self.consumer.run_once, every=0.0))
            self._tag = await queue.consume(self._consume)

    async def close(self, *, within: float) -> None:
        """Finish the batch under way, and let the broker have the rest back, in its order."""
        await self.consumer.stop(within=within)
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        if self._channel is not None and not self._channel.is_closed:
            await close(self._channel)

    async def _consume(self, raw: Any) -> None:
        await self.consumer.consume(self._receive(raw))
