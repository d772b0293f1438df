"""A service waits for its servers, whenever they go away while it starts, and stops at once when it is asked to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
import pytest_asyncio
from pydantic import SecretStr
from tests.integration.contracts.vhost import a_contract_vhost
from tests.support.eventually import eventually
from tests.support.every_case import every_case
from tests.support.faults.fault_proxy import FaultProxy
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.app import App
from practio_chassis.broker.queue_names import commands_queue, events_queue, queries_queue
from practio_chassis.database import schema
from practio_chassis.database.engine import engine
from practio_chassis.database.schema import wait_for_schema
from practio_rooms.app import SERVICE
from practio_rooms.settings import Settings

CONNECTIONS = 3
"""A service opens so many to the broker: one to answer, one to publish, one to consume."""

EVERY = 40
"""Bytes from one cut to the next."""

STOP_SECONDS = 10.0

STOPS_FROM_SILENCE_SECONDS = 40.0
"""The grace of `compose.yaml`: a broker that is silent is taken for lost after three heartbeats of 6 s."""


@pytest_asyncio.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[str]:
    """Yield the URL of a database with the schema."""
    async with migrated_database(servers, SERVICE) as url:
        yield url.get_secret_value()


@pytest_asyncio.fixture(scope="module")
async def broker(servers: Servers) -> AsyncIterator[str]:
    """Yield the URL of a vhost that has the service's queues."""
    async with a_contract_vhost(servers) as vhost:
        async with await aio_pika.connect(vhost.admin_url) as connection:
            channel = await connection.channel()
            for queue_of in (commands_queue, events_queue, queries_queue):
                await channel.declare_queue(queue_of(SERVICE.name), durable=True)
        yield vhost.admin_url


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service look for its schema all the time."""
    monkeypatch.setattr(schema, "_LOOK_SECONDS", 0.01)


@asynccontextmanager
async def an_app(*, broker_url: str, database_url: str, stops_within: float = STOP_SECONDS) -> AsyncIterator[App]:
    """Yield a service that runs, and what stops it; at the end, stop it, and see that nothing of it is left."""
    before = asyncio.all_tasks()
    app, stop = App(SERVICE, Settings(broker_url=broker_url, database_url=database_url)), asyncio.Event()
    running = asyncio.create_task(app.run(stop))
    try:
        yield app
        stop.set()
        async with asyncio.timeout(stops_within):
            await running
        left = [each for each in asyncio.all_tasks() - before if "FaultProxy" not in repr(each)]
        assert not left, left
    finally:
        running.cancel()
        await asyncio.wait({running})


async def consumes(app: App) -> bool:
    return (await app.conditions.readiness()).broker


@every_case("nth", range(1, CONNECTIONS + 1))
async def test_a_service_tries_again_whichever_of_its_connections_the_broker_ends(
    nth: int, broker: str, database: str
) -> None:
    async with FaultProxy.to(broker) as way:
        way.refuse(nth)
        async with an_app(broker_url=way.url, database_url=database) as app:
            await eventually(lambda: consumes(app), message="the service consumes")


async def test_a_service_waits_for_its_schema_wherever_the_connection_is_cut(database: str) -> None:
    async with FaultProxy.to(database) as way:
        pool = engine(SecretStr(way.url), service="test")
        await wait_for_schema(pool, service="rooms")
        for after in range(0, way.passed_bytes, EVERY):
            await pool.dispose()
            way.cut(after=after)
            await wait_for_schema(pool, service="rooms")
        await pool.dispose()


async def test_a_service_that_waits_for_its_database_stops_when_it_is_asked_to(broker: str, database: str) -> None:
    async with FaultProxy.to(database) as way:
        way.hang()
        async with an_app(broker_url=broker, database_url=way.url):
            await eventually(lambda: way.is_waited_for, message="the service waits")


@every_case("connections", range(CONNECTIONS))
async def test_a_service_that_waits_for_its_broker_stops_when_it_is_asked_to(
    connections: int, broker: str, database: str
) -> None:
    """The broker takes some connections, then hangs."""
    async with FaultProxy.to(broker) as way:
        way.hang(after=connections)
        async with an_app(broker_url=way.url, database_url=database):
            await eventually(lambda: way.is_waited_for, message="the service waits")


@pytest.mark.thorough
@pytest.mark.timeout(120)
async def test_a_service_whose_broker_is_silent_stops_and_leaves_no_connection_that_reconnects(
    broker: str, database: str
) -> None:
    """Such a connection swallows the cancellation with which a process ends, so that it never does."""
    async with (
        FaultProxy.to(broker) as way,
        an_app(broker_url=way.url, database_url=database, stops_within=STOPS_FROM_SILENCE_SECONDS) as app,
    ):
        await eventually(lambda: consumes(app), message="the service consumes")
        way.vanish()
