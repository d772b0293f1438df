"""The queues that a service consumes: commands with their shards, events and queries."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from faststream.rabbit import RabbitBroker
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.broker.channel_recovery import ChannelRecovery
from practio_chassis.broker.connection import CLOSE_SECONDS, patiently
from practio_chassis.broker.faststream_adapter import consuming_broker, start, stop, subscribe
from practio_chassis.broker.queue_names import commands_queue, events_queue, queries_queue, shard_queue
from practio_chassis.database import engine
from practio_chassis.database.sharding import Sharding
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.arrival import receive, unread
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.progress import Progress
from practio_chassis.inbound.query_consumer import QueryConsumer
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.inbound.shards.forwarder import Forwarder
from practio_chassis.inbound.shards.marker import wake
from practio_chassis.inbound.shards.shard_consumer import ShardConsumer
from practio_chassis.inbound.shards.shard_queue import ShardQueue
from practio_chassis.inbound.shards.shards import LOOK_EVERY_SECONDS as LOOK_AT_SHARDS_SECONDS
from practio_chassis.inbound.shards.shards import Shards
from practio_chassis.outbound.connections import Publishing
from practio_chassis.process.loops import Loops
from practio_chassis.service import Service
from practio_chassis.settings import Settings
from practio_chassis.telemetry.log import logger
from practio_contracts.message import Command, Event, Message, Query

_log = logger(__name__)
_PREFETCHED_QUERIES = 20
_GATHER_SECONDS = 0.2
"""How long a batch of events waits for more at most, under load: transactions are fewer. Commands never wait."""

BackgroundLoop = tuple[str, Callable[[], Awaitable[object]], float]
"""A background loop: its name, what it repeats, and the seconds between two calls."""


class Subscriptions:
    """Consumes a service's queues on a connection of its own."""

    def __init__(
        self, service: Service, settings: Settings, *, pool: AsyncEngine, transaction: Transaction, loops: Loops
    ) -> None:
        self._service = service
        self._settings = settings
        self._pool = pool
        self._transaction = transaction
        self._loops = loops
        self._broker_url = settings.broker_url.get_secret_value()
        self.broker: RabbitBroker = consuming_broker(
            self._broker_url, name=f"practio-{service.name}-consumer", graceful_timeout=settings.graceful_timeout
        )
        self._channels = ChannelRecovery(self.broker)
        self._progress: list[Progress] = []
        self._ordered: list[Consumer] = []
        self._shards: Shards | None = None
        self._is_started = False

    def subscribe(self, publishing: Publishing) -> Iterator[BackgroundLoop]:
        """Subscribe to the queues, and yield the loops that handle what arrives."""
        settlement = partial(self._settlement, publishing)
        commands = self._subscribe_to_commands(settlement)
        yield "commands", commands.run_once, 0.0
        if self._shards:
            yield "shards", self._shards.stand_by, LOOK_AT_SHARDS_SECONDS
        events = self._subscribe(settlement(events_queue(self._service.name)), Event, gather_seconds=_GATHER_SECONDS)
        yield "events", events.run_once, 0.0
        self._subscribe_to_queries(settlement(queries_queue(self._service.name), is_query=True))
        yield "channels", self._channels.recover_closed, 1.0

    async def start(self) -> None:
        """Begin to consume; wait for the broker, as long as it takes."""
        await patiently(partial(start, self.broker))
        self._is_started = True

    async def stop(self) -> None:
        """Finish what is in hand, within the time that the settings give, and leave the queues."""
        until = time.monotonic() + self._settings.graceful_timeout
        self._is_started = False
        _log.info("stopping: finishing the messages in hand")
        await asyncio.gather(*(each.stop(within=self._settings.graceful_timeout) for each in self._ordered))
        await self._channels.leave(*(each.progress.queue for each in self._ordered))
        await stop(self.broker, within=max(until - time.monotonic(), CLOSE_SECONDS))

    async def are_consuming(self) -> bool:
        """Return whether every queue is consumed, and the broker answers."""
        if not self._is_started or not await self.broker.ping(5.0):
            return False
        return self._channels.consuming and (self._shards is None or self._shards.consuming)

    def stalled(self, *, after: float) -> Iterator[str]:
        """Yield the queues whose messages did not move for ``after`` seconds."""
        shards = [each.consumer.progress for each in self._shards.consumed] if self._shards else []
        yield from filter(None, (each.stalled(after=after) for each in [*self._progress, *shards]))

    def _settlement(
        self, publishing: Publishing, queue: str, *, home: str | None = None, is_query: bool = False
    ) -> Settlement:
        return Settlement(
            service=self._service.name,
            queue=queue,
            replies=publishing.replies,
            redirects=publishing.redirects,
            home=home,
            is_query=is_query,
        )

    def _subscribe_to_commands(self, settlement: Callable[..., Settlement]) -> Consumer:
        """Subscribe to the commands; if the service lets them be spread over shards, to its share of these as well."""
        queue = commands_queue(self._service.name)
        if self._service.shard_key is None:
            return self._subscribe(settlement(queue), Command, gather_seconds=0.0)
        sharding = Sharding(self._service.metadata, self._pool)
        commands = settlement(queue)
        self._shards = self._share_of_shards(settlement, sharding, commands)
        forwarder = Forwarder(self._service, sharding, **self._consumer_options(commands))
        self._subscribe_in_order(forwarder, Command, receive=partial(unread, service=self._service.name))
        return forwarder

    def _share_of_shards(
        self, settlement: Callable[..., Settlement], sharding: Sharding, commands: Settlement
    ) -> Shards:
        name = self._service.name

        def shard_of(shard: int, prefetch: int) -> ShardQueue:
            queue = shard_queue(name, shard)
            options = self._consumer_options(settlement(queue, home=commands_queue(name)))
            return ShardQueue(
                queue,
                prefetch=prefetch,
                consumer=ShardConsumer(name, shard, sharding, **options | {"batch": min(options["batch"], prefetch)}),
                receive=self._receive(Command),
                loops=self._loops,
            )

        return Shards(
            service=name,
            sharding=sharding,
            pool=self._pool,
            broker_url=self._broker_url,
            prefetch=self._settings.prefetch,
            shard_queue=shard_of,
            wake_forwarder=lambda: commands.mark([wake(commands.queue)]),
        )

    def _subscribe(self, settlement: Settlement, kind: type[Message], *, gather_seconds: float) -> Consumer:
        consumer = Consumer(**self._consumer_options(settlement) | {"gather_seconds": gather_seconds})
        self._subscribe_in_order(consumer, kind, receive=self._receive(kind))
        return consumer

    def _consumer_options(self, settlement: Settlement) -> dict[str, Any]:
        return {
            "settlement": settlement,
            "transaction": self._transaction,
            "pool": self._pool,
            "batch": self._settings.most_in_a_batch,
            "gather_seconds": 0.0,
            "continuing": frozenset(each.routing_key for each in self._service.continuing),
        }

    def _subscribe_in_order(self, consumer: Consumer, kind: type[Message], *, receive: Callable[[Any], Any]) -> None:
        self._progress.append(consumer.progress)
        self._ordered.append(consumer)
        self._subscribe_queue(consumer.progress.queue, consumer.consume, kind, self._settings.prefetch, receive)

    def _subscribe_to_queries(self, settlement: Settlement) -> None:
        queries = QueryConsumer(
            service=self._service,
            settlement=settlement,
            tables=chassis_tables_of(self._service.metadata),
            sessions=engine.session_maker(self._pool),
            pool=self._pool,
        )
        self._progress.append(queries.progress)
        receiving = self._receive(Query)
        self._subscribe_queue(settlement.queue, queries.consume, Query, _PREFETCHED_QUERIES, receiving)

    def _subscribe_queue(
        self, queue: str, consume: Any, kind: type[Message], prefetch: int, receive: Callable[[Any], Any]
    ) -> None:
        subscribe(
            self.broker,
            queue,
            receive=receive,
            consume=consume,
            prefetch=prefetch,
            description=", ".join(sorted(message.routing_key for message in self._subscriptions(kind))),
        )

    def _receive(self, kind: type[Message]) -> Callable[[Any], Any]:
        return partial(receive, service=self._service.name, subscriptions=self._subscriptions(kind))

    def _subscriptions(self, kind: type[Message]) -> frozenset[type[Message]]:
        return frozenset(each for each in self._service.subscriptions() if issubclass(each, kind))
