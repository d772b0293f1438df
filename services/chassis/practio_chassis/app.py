"""A running service: what it consumes, publishes and repeats until it is asked to stop, and whether it can work now."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.broker.alarms import FAULT, install_alarm_reasons
from practio_chassis.broker.amqp_decoding import install_tolerant_decoders
from practio_chassis.broker.connection import patiently
from practio_chassis.context import MessageContext
from practio_chassis.database import engine
from practio_chassis.database.reading import count_unread
from practio_chassis.database.schema import wait_for_schema
from practio_chassis.database.table_sizes import measure_tables
from practio_chassis.database.tables import ChassisTables, chassis_tables_of
from practio_chassis.handling.periodic import USUAL_PAUSE, gauges
from practio_chassis.handling.retention import chassis_retentions, retention
from practio_chassis.handling.timers import Timers
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.dead_letters import LOOK_EVERY_SECONDS, OwnDeadLetters
from practio_chassis.inbound.subscriptions import BackgroundLoop, Subscriptions
from practio_chassis.outbound.carriage_record import StoredCarriageRecord
from practio_chassis.outbound.connections import Publishing
from practio_chassis.outbound.outbox_age import count_outbox, oldest_age
from practio_chassis.outbound.relay import Relay
from practio_chassis.process.loops import Loops
from practio_chassis.process.stopping import unless
from practio_chassis.service import Background, Running, Service
from practio_chassis.settings import Settings
from practio_chassis.telemetry.health import Readiness, release_of
from practio_chassis.telemetry.log import failure, logger

_log = logger(__name__)
_STALLED_AFTER = 30.0
"""Seconds without progress after which a queue or a loop makes the service unready."""


class App:
    """One running service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        install_tolerant_decoders()
        install_alarm_reasons()
        self._service = service
        self._tables = chassis_tables_of(service.metadata)
        self._settings = settings
        self._pool = engine.engine(settings.database_url, service=service.name)
        self._transaction = Transaction(service, engine.session_maker(self._pool), settings)
        self._timers = Timers(tables=self._tables, transaction=self._transaction)
        self._loops = Loops()
        self._faults: dict[str, str] = {}
        self.subscriptions = Subscriptions(
            service, settings, pool=self._pool, transaction=self._transaction, loops=self._loops
        )
        self.conditions = Conditions(
            service=service.name,
            pool=self._pool,
            tables=self._tables,
            subscriptions=self.subscriptions,
            loops=self._loops,
            faults=self._faults,
            outbox_late_after=settings.outbox_late_after,
        )

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
        url = self._settings.broker_url.get_secret_value()
        return await patiently(lambda: Publishing.open(self._service.name, url))

    async def _work_until(self, stop: asyncio.Event, publishing: Publishing) -> None:
        self.conditions.publishing = publishing
        async with asyncio.TaskGroup() as loops:
            tasks = [loops.create_task(each) for each in self._background(publishing)]
            await unless(stop, self._consume())
            await stop.wait()
            await self.subscriptions.stop()
            for task in tasks:
                task.cancel()

    async def _consume(self) -> None:
        await self.subscriptions.start()
        _log.info("ready")

    def _background(self, publishing: Publishing) -> Iterator[Any]:
        """Yield everything that runs until the service stops."""
        for name, once, every in [*self.subscriptions.subscribe(publishing), *self._work(publishing)]:
            yield self._loops.run(name, once, every=every)
        running = Running(self._transaction.background, self._settings, self._loops, self._faults)
        for background in [self._gauges(), self._retention(), *self._service.background]:
            yield background(running)

    def _gauges(self) -> Background:
        async def count(context: MessageContext[Any]) -> None:
            await count_outbox(context, self._tables)
            await self._timers.look_for_unsendable(context)
            count_unread()
            await measure_tables(context)

        return gauges("the chassis", count, longest_pause=USUAL_PAUSE)

    def _retention(self) -> Background:
        return retention("chassis", partial(chassis_retentions, self._tables))

    def _work(self, publishing: Publishing) -> Iterator[BackgroundLoop]:
        """Yield the loops beside the queues."""
        relay = Relay(
            service=self._service.name,
            tables=self._tables,
            pool=self._pool,
            connection=publishing.connection,
            carriage=StoredCarriageRecord(self._tables, self._pool),
            faults=self._faults,
        )
        yield "relay", relay.stand_by, 1.0
        dead_letters = OwnDeadLetters(
            self._service.name, self._tables, self._transaction.background, publishing.connection
        )
        yield "dead letters of erased people", dead_letters.delete_of_erased, LOOK_EVERY_SECONDS
        yield "timers", self._timers.fire, 1.0
        yield "timers set aside", self._timers.try_again, 3_600.0


@dataclass(slots=True, kw_only=True)
class Conditions:
    """The parts of a service on which its readiness depends; ``publishing`` is there once the broker is."""

    service: str
    pool: AsyncEngine
    tables: ChassisTables
    subscriptions: Subscriptions
    loops: Loops
    faults: Mapping[str, str]
    outbox_late_after: float
    publishing: Publishing | None = None

    async def readiness(self) -> Readiness:
        """Return whether the service can work now."""
        age = await self._outbox_age()
        broker = await self._is_connected()
        alarm = None if self.publishing is None else await self.publishing.alarm()
        faults = dict(self.faults) | ({FAULT: alarm} if alarm else {})
        stalled = (*self.subscriptions.stalled(after=_STALLED_AFTER), *self.loops.failing(longer_than=_STALLED_AFTER))
        is_late = age is None or age >= self.outbox_late_after
        return Readiness(
            database=age is not None,
            broker=broker,
            outbox_age=round(age or 0.0, 3),
            ready=broker and not (is_late or stalled or faults),
            version=release_of(self.service),
            blocked=alarm is not None,
            stalled=stalled,
            faults=faults,
        )

    async def _outbox_age(self) -> float | None:
        """Return the age of the oldest row of the outbox in seconds; None if the database does not answer."""
        if not await engine.answers(self.pool):
            return None
        try:
            return await oldest_age(self.pool, self.tables)
        except Exception as error:  # before the first migration there is no outbox
            _log.info("no outbox yet", **failure(error))
            return None

    async def _is_connected(self) -> bool:
        if self.publishing is None or not self.publishing.replies.ready:
            return False
        return await self.subscriptions.are_consuming()
