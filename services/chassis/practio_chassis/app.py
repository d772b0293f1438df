"""Runs a service: its queues, relay, timers and HTTP server, until it is asked to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
from aio_pika.abc import AbstractRobustConnection
from faststream.asgi import AsgiFastStream
from faststream.specification import AsyncAPI

from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_chassis.broker.channel_recovery import ChannelRecovery
from practio_chassis.broker.faststream_adapter import consuming_broker, start, subscribe
from practio_chassis.broker.topology import commands_queue, events_queue, queries_queue, shard_queue
from practio_chassis.context import MessageContext
from practio_chassis.database import engine
from practio_chassis.database.sharding import Sharding
from practio_chassis.database.table_sizes import measure_tables
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.periodic import gauges
from practio_chassis.handling.retention import chassis_retentions, retention
from practio_chassis.handling.timers import Timers
from practio_chassis.handling.transaction import Transaction
from practio_chassis.http_server import Server, listen
from practio_chassis.inbound.arrival import receive, unread
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.dead_letters import LOOK_EVERY_SECONDS, DeadLetters
from practio_chassis.inbound.progress import Progress
from practio_chassis.inbound.query_consumer import QueryConsumer
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.inbound.shards.forwarder import Forwarder
from practio_chassis.inbound.shards.marker import wake
from practio_chassis.inbound.shards.shard_consumer import ShardConsumer
from practio_chassis.inbound.shards.shard_queue import ShardQueue
from practio_chassis.inbound.shards.shards import LOOK_EVERY_SECONDS as LOOK_AT_SHARDS_SECONDS
from practio_chassis.inbound.shards.shards import Shards
from practio_chassis.loops import Loops
from practio_chassis.outbound.carriage_record import StoredCarriageRecord
from practio_chassis.outbound.outbox_age import count_outbox, oldest_age
from practio_chassis.outbound.relay import Relay
from practio_chassis.service import Background, Running, Service
from practio_chassis.settings import Settings
from practio_chassis.starting import Publishing, patiently, wait_for_schema
from practio_chassis.stopping import stop_requested, unless
from practio_chassis.telemetry.health import Readiness, release_of, routes
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.broker_errors import LOST
from practio_contracts.message import Command, Event, Message, Query

_log = logger(__name__)
_PREFETCHED_QUERIES = 20
_GATHER_SECONDS = 0.2
"""How long a batch of events waits for more at most, under load: transactions are fewer. Commands never wait."""

_STALLED_AFTER = 30.0
"""Seconds without progress after which a queue or a loop makes the service unready."""

Work = tuple[str, Callable[[], Awaitable[object]], float]
"""A background loop: its name, what it repeats, and the seconds between two calls."""


class App:
    """One running service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        install_tolerant_decoders()
        self._service = service
        self._tables = chassis_tables_of(service.metadata)
        self._settings = settings
        self._pool = engine.engine(settings.database_url, service=service.name)
        self._sessions = engine.session_maker(self._pool)
        self._transaction = Transaction(service, self._sessions, settings)
        self._broker_url = settings.broker_url.get_secret_value()
        self.broker = consuming_broker(
            self._broker_url, name=f"practio-{service.name}-consumer", graceful_timeout=settings.graceful_timeout
        )
        self._loops = Loops()
        self._faults: dict[str, str] = {}
        self._progress: list[Progress] = []
        self._consuming = False
        self._ordered: list[Consumer] = []
        self._shards: Shards | None = None
        self._channels = ChannelRecovery(self.broker)
        self._publishing: Publishing | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run the service until ``stop`` is set, then finish the work in progress.

        Wait for the schema, then for the broker, as long as it takes. A background loop that fails goes on.
        """
        try:
            if publishing := await unless(stop, self._publishing_once_there()):
                async with publishing:
                    await self._work_until(stop, publishing)
        finally:
            await self._pool.dispose()

    async def _publishing_once_there(self) -> Publishing:
        await wait_for_schema(self._pool, service=self._service.name)
        return await patiently(lambda: Publishing.open(self._service.name, self._broker_url))

    async def _work_until(self, stop: asyncio.Event, publishing: Publishing) -> None:
        self._publishing = publishing
        async with asyncio.TaskGroup() as loops:
            tasks = [loops.create_task(each) for each in self._background(publishing)]
            await self._consume_until(stop)
            for task in tasks:
                task.cancel()

    async def readiness(self) -> Readiness:
        """Return whether the service can work now."""
        database_answers = await engine.answers(self._pool)
        try:
            age = await oldest_age(self._pool, self._tables) if database_answers else 0.0
        except Exception as error:  # before the first migration there is no outbox
            _log.info("no outbox yet", **failure(error))
            database_answers, age = False, 0.0
        publishing = self._publishing
        broker = self._consuming and publishing is not None and publishing.replies.ready and await self.broker.ping(5.0)
        broker = broker and self._channels.consuming and (self._shards is None or self._shards.consuming)
        blocked = publishing is not None and await publishing.is_blocked()
        shards = [each.consumer.progress for each in self._shards.consumed] if self._shards else []
        queues = filter(None, (each.stalled(after=_STALLED_AFTER) for each in [*self._progress, *shards]))
        stalled = (*queues, *self._loops.failing(longer_than=_STALLED_AFTER))
        return Readiness(
            database=database_answers,
            broker=broker,
            outbox_age=round(age, 3),
            ready=database_answers
            and broker
            and not blocked
            and age < self._settings.outbox_late_after
            and not stalled
            and not self._faults,
            version=release_of(self._service.name),
            blocked=blocked,
            stalled=stalled,
            faults=dict(self._faults),
        )

    def _background(self, publishing: Publishing) -> Iterator[Any]:
        """Subscribe to the queues, and yield everything that runs beside them."""
        settlement = partial(self._settlement, publishing)
        for name, once, every in self._work(settlement, publishing.connection):
            yield self._loops.run(name, once, every=every)
        running = Running(self._transaction.background, self._settings, self._loops, self._faults)
        for background in [self._gauges(), self._retention(), *self._service.background]:
            yield background(running)

    def _gauges(self) -> Background:
        timers = Timers(tables=self._tables, transaction=self._transaction)

        async def count(context: MessageContext[Any]) -> None:
            await count_outbox(context, self._tables)
            await timers.count_set_aside(context)
            await measure_tables(context)

        return gauges("the chassis", count)

    def _retention(self) -> Background:
        return retention("chassis", partial(chassis_retentions, self._tables))

    def _work(self, settlement: Callable[..., Settlement], publishing: AbstractRobustConnection) -> Iterator[Work]:
        commands = self._subscribe_to_commands(settlement)
        yield "commands", commands.run_once, 0.0
        if self._shards:
            yield "shards", self._shards.stand_by, LOOK_AT_SHARDS_SECONDS
        events = self._subscribe(settlement(events_queue(self._service.name)), Event, gather=_GATHER_SECONDS)
        yield "events", events.run_once, 0.0
        self._subscribe_to_queries(settlement(queries_queue(self._service.name), is_query=True))
        lead = Relay(
            service=self._service.name,
            tables=self._tables,
            pool=self._pool,
            connection=publishing,
            carriage=StoredCarriageRecord(self._tables, self._pool),
            faults=self._faults,
        )
        yield "relay", lead.stand_by, 1.0
        yield "channels", self._channels.look, 1.0
        dead_letters = DeadLetters(self._service.name, self._tables, self._transaction.background, publishing)
        yield "dead letters of erased people", dead_letters.look, LOOK_EVERY_SECONDS
        timers = Timers(tables=self._tables, transaction=self._transaction)
        yield "timers", timers.fire, 1.0
        yield "timers set aside", timers.try_again, 3_600.0

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
            return self._subscribe(settlement(queue), Command, gather=0.0)
        sharding = Sharding(self._service.metadata, self._pool)
        commands = settlement(queue)
        self._shards = self._share_of_shards(settlement, sharding, commands)
        forwarder = Forwarder(self._service, sharding, **self._consumer_options(commands))
        self._take_in_order(forwarder, Command, receive=partial(unread, service=self._service.name))
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

    def _subscribe(self, settlement: Settlement, kind: type[Message], *, gather: float) -> Consumer:
        consumer = Consumer(**self._consumer_options(settlement) | {"gather": gather})
        self._take_in_order(consumer, kind, receive=self._receive(kind))
        return consumer

    def _consumer_options(self, settlement: Settlement) -> dict[str, Any]:
        return {
            "settlement": settlement,
            "transaction": self._transaction,
            "pool": self._pool,
            "batch": self._settings.most_in_a_batch,
            "gather": 0.0,
        }

    def _take_in_order(self, consumer: Consumer, kind: type[Message], *, receive: Callable[[Any], Any]) -> None:
        self._progress.append(consumer.progress)
        self._ordered.append(consumer)
        self._subscribe_queue(consumer.progress.queue, consumer.consume, kind, self._settings.prefetch, receive)

    def _subscribe_to_queries(self, settlement: Settlement) -> None:
        queries = QueryConsumer(
            service=self._service,
            settlement=settlement,
            tables=self._tables,
            sessions=self._sessions,
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

    async def _consume_until(self, stop: asyncio.Event) -> None:
        await unless(stop, self._start_consuming())
        await stop.wait()
        self._consuming = False
        _log.info("stopping: finishing the messages in hand")
        await asyncio.gather(*(each.stop(within=self._settings.graceful_timeout) for each in self._ordered))
        await self._channels.leave(*(each.progress.queue for each in self._ordered))
        with suppress(*LOST):
            await self.broker.stop()

    async def _start_consuming(self) -> None:
        await patiently(partial(start, self.broker))
        self._consuming = True
        _log.info("ready")


async def serve(service: Service, settings: Settings) -> None:
    """Run ``service`` and its HTTP server until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    stop = stop_requested()
    app = App(service, settings)
    http_app = AsgiFastStream(
        app.broker,
        asgi_routes=routes(app.readiness),  # type: ignore[arg-type]  # a route of ASGI is a route, typed or not
        asyncapi_path="/docs/asyncapi",
        specification=AsyncAPI(title=f"Practio {service.name}"),
        logger=None,
    )
    server = Server(uvicorn.Config(http_app, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    running = asyncio.create_task(app.run(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await asyncio.wait({running}, timeout=settings.graceful_timeout + 5)
    server.should_exit = True
    await serving
    if running.done():
        running.result()
    running.cancel()
