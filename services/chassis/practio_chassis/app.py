"""Runs a service: its queues, relay, timers and HTTP server, until it is asked to stop."""

import asyncio
import socket
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from typing import Any

import uvicorn
from faststream import AckPolicy
from faststream.asgi import AsgiFastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue
from faststream.specification import AsyncAPI
from sqlalchemy import text
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential
from yarl import URL

from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_chassis.broker.topology import commands_queue, events_queue, queries_queue
from practio_chassis.database import engine
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.timers import Timers, forget_old
from practio_chassis.handling.transaction import Transaction
from practio_chassis.http_server import Server, stop_requested
from practio_chassis.inbound.consumer import Arrival, Consumer
from practio_chassis.inbound.query_consumer import QueryConsumer
from practio_chassis.outbound import relay
from practio_chassis.outbound.relay import Relay
from practio_chassis.outbound.replies import CONNECT_SECONDS, HEARTBEAT_SECONDS, AnyNode, Replies, connect
from practio_chassis.service import Running, Service
from practio_chassis.settings import Settings
from practio_chassis.telemetry.gauges import measure
from practio_chassis.telemetry.health import Readiness, release_of, routes
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.broker_errors import LOST
from practio_contracts.message import Command, Event, Message, Query

_log = logger(__name__)
_PREFETCHED_QUESTIONS = 20
_LINGER = 0.02
"""Seconds to wait for more events once several have arrived: transactions are fewer. Commands never wait."""


class App:
    """One running service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        install_tolerant_decoders()
        self._service = service
        self._frame = chassis_tables_of(service.metadata)
        self._settings = settings
        self._pool = engine.engine(settings.database_url, service=service.name)
        self._sessions = engine.session_maker(self._pool)
        self._transaction = Transaction(service, self._sessions, settings)
        self._broker_url = settings.broker_url.get_secret_value()
        self.broker = RabbitBroker(
            str(URL(self._broker_url).update_query(heartbeat=HEARTBEAT_SECONDS, name=f"practio-{service.name}-takes")),
            timeout=CONNECT_SECONDS,
            apply_types=False,
            graceful_timeout=settings.graceful_timeout,
            logger=None,
        )
        self.broker._connection_kwargs["connection_class"] = AnyNode  # FastStream has no setting for it
        self._consuming = False
        self._replies: Replies | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run the service until ``stop`` is set, then finish the work in progress.

        Wait for database and broker, whichever comes first. Raise what a background loop of the service raises.
        """
        await self._wait_for_schema()
        await self._wait_for_broker()
        async with (
            await connect(self._broker_url, name=f"practio-{self._service.name}-answers") as answering,
            await connect(self._broker_url, name=f"practio-{self._service.name}-says") as saying,
        ):
            self._replies = Replies(self._service.name, answering)
            await self._replies.open()
            async with asyncio.TaskGroup() as loops:
                tasks = [loops.create_task(_until_done(each)) for each in self._loops(self._replies, saying)]
                await self._consume_until(stop)
                for task in tasks:
                    task.cancel()
        await self._pool.dispose()

    async def readiness(self) -> Readiness:
        """Return whether the service can work now."""
        there = await engine.answers(self._pool)
        try:
            age = await relay.oldest_age(self._pool, self._frame) if there else 0.0
        except Exception as error:  # before the first migration there is no outbox
            _log.info("no outbox yet", **failure(error))
            there, age = False, 0.0
        broker = self._consuming and self._replies is not None and self._replies.ready and await self.broker.ping(5.0)
        ready = there and broker and age < self._settings.outbox_late_after
        return Readiness(
            database=there, broker=broker, outbox_age=round(age, 3), ready=ready, version=release_of(self._service.name)
        )

    def _loops(self, outlet: Replies, saying: Any) -> Iterator[Awaitable[None]]:
        yield self._subscribe(commands_queue(self._service.name), Command, outlet, linger=0.0).run()
        yield self._subscribe(events_queue(self._service.name), Event, outlet, linger=_LINGER).run()
        self._subscribe_to_queries(outlet)
        yield Relay(service=self._service.name, frame=self._frame, pool=self._pool, connection=saying).run()
        yield Timers(frame=self._frame, transaction=self._transaction).run()
        yield measure(self._transaction.background, lambda context: relay.count_outbox(context, self._frame))
        yield forget_old(self._frame, self._sessions, days=self._settings.inbox_kept_days)
        running = Running(self._transaction.background, self._settings)
        for background in self._service.background:
            yield background(running)

    def _subscribe(self, queue: str, kind: type[Message], outlet: Replies, *, linger: float) -> Consumer:
        consumer = Consumer(
            service=self._service.name,
            queue=queue,
            transaction=self._transaction,
            pool=self._pool,
            outlet=outlet,
            batch=self._settings.batch,
            linger=linger,
        )
        self._subscribe_queue(queue, consumer.consume, self._subscriptions(kind), self._settings.prefetch)
        return consumer

    def _subscribe_to_queries(self, outlet: Replies) -> None:
        queue = queries_queue(self._service.name)
        questions = QueryConsumer(
            service=self._service,
            queue=queue,
            frame=self._frame,
            sessions=self._sessions,
            pool=self._pool,
            outlet=outlet,
        )
        self._subscribe_queue(queue, questions.consume, self._subscriptions(Query), _PREFETCHED_QUESTIONS)

    def _subscriptions(self, kind: type[Message]) -> frozenset[type[Message]]:
        return frozenset(message for message in self._service.subscriptions() if issubclass(message, kind))

    def _subscribe_queue(
        self, queue: str, consume: Any, subscriptions: frozenset[type[Message]], prefetch: int
    ) -> None:
        """Subscribe to a queue that ``practio provision`` created; declare and bind nothing."""

        async def decode(message: RabbitMessage) -> Arrival:
            return Arrival.of(message.raw_message, service=self._service.name, subscriptions=subscriptions)

        subscriber = self.broker.subscriber(
            RabbitQueue(queue, declare=False),
            channel=Channel(prefetch_count=prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            decoder=decode,
            title=queue,
            description=", ".join(sorted(message.routing_key for message in subscriptions)),
        )
        subscriber(consume)
        # FastStream drops, unacknowledged, what arrives between the broker's consume-ok and the end of its start().
        subscriber.running = True

    async def _consume_until(self, stop: asyncio.Event) -> None:
        await self.broker.start()
        self._consuming = True
        _log.info("ready")
        await stop.wait()
        self._consuming = False
        _log.info("stopping: what is in hand is finished")
        with suppress(*LOST):
            await self.broker.stop()

    async def _wait_for_schema(self) -> None:
        while True:
            await engine.wait_until_it_answers(self._pool)
            async with self._pool.connect() as connection:
                if await connection.scalar(text("SELECT to_regclass('outbox')")) is not None:
                    return
            _log.warning(f"the schema is not there yet: run python -m practio_{self._service.name} migrate")
            await asyncio.sleep(1.0)

    async def _wait_for_broker(self) -> None:
        patiently = AsyncRetrying(
            wait=wait_exponential(multiplier=0.2, max=5),
            retry=retry_if_exception_type(LOST),
            before_sleep=lambda state: _log.warning("broker does not let us in yet", **failure(_raised(state.outcome))),
        )
        async for attempt in patiently:
            with attempt:
                async with await connect(self._broker_url, name=f"practio-{self._service.name}-knocks"):
                    return


async def _until_done(loop: Awaitable[None]) -> None:
    await loop


def _raised(outcome: Any) -> BaseException:
    error = outcome.exception() if outcome is not None else None
    return error if isinstance(error, BaseException) else RuntimeError()


async def serve(service: Service, settings: Settings) -> None:
    """Run ``service`` and its HTTP server until SIGTERM or SIGINT; raise ``OSError`` if the port is taken."""
    listening = socket.create_server((settings.http_host, settings.http_port))
    stop = stop_requested()
    app = App(service, settings)
    pages = AsgiFastStream(
        app.broker,
        asgi_routes=routes(app.readiness),  # type: ignore[arg-type]  # a page of ASGI is a page, typed or not
        asyncapi_path="/docs/asyncapi",
        specification=AsyncAPI(title=f"Practio {service.name}"),
        logger=None,
    )
    server = Server(uvicorn.Config(pages, lifespan="off", log_config=None, access_log=False))
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
