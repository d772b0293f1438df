"""A server whose host vanishes without a FIN: everything goes on within 45 s of its return (promise 9)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio
from tests.support.clients.commands import new_id
from tests.support.clients.load import a_lasting_load
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.fault_proxy import FaultProxy
from tests.support.oracles.going_on import NOTICED_SECONDS, everything_goes_on
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService
from yarl import URL

from practio_contracts.client import Client
from practio_contracts.membership import GetMembership

SOURCE = "urn:example:intranet"


@dataclass(frozen=True)
class Ways:
    """The ways that services and pages take to the servers."""

    database: FaultProxy
    broker: FaultProxy


@pytest_asyncio.fixture(scope="module")
async def ways(stack: RunningStack) -> AsyncIterator[Ways]:
    """Let services and pages reach the servers by ways that can vanish, until the module ends."""
    urls = stack.servers.urls
    async with FaultProxy.to(urls.database_url) as database, FaultProxy.to(urls.broker_url) as broker:
        taking = [*stack.services.values(), stack.pages]
        usual = [each.process.environment for each in taking]
        ports = {"PRACTIO_DATABASE_URL": URL(database.url).port, "PRACTIO_BROKER_URL": URL(broker.url).port}
        try:
            await restarted(taking, [by_ports(environment, ports) for environment in usual])
            yield Ways(database, broker)
        finally:
            await restarted(taking, usual)


def by_ports(environment: dict[str, str], ports: dict[str, int | None]) -> dict[str, str]:
    own = {name: port for name, port in ports.items() if name in environment}
    return environment | {name: at_port(environment[name], port) for name, port in own.items()}


def at_port(url: str, port: int | None) -> str:
    return str(URL(url).with_host("127.0.0.1").with_port(port))


async def restarted(services: Sequence[RunningService], environments: Sequence[dict[str, str]]) -> None:
    """Restart all at once, since each takes seconds."""
    for each in services:
        each.process.ask_to_stop()
    for each, environment in zip(services, environments, strict=True):
        await asyncio.to_thread(each.process.stop)
        each.process.environment = environment
        each.process.start()
    await asyncio.gather(*(each.ready() for each in services))


@pytest.mark.thorough
async def test_a_database_that_vanished_without_a_fin_is_noticed(
    outside: OutsideSystem, stack: RunningStack, ways: Ways
) -> None:
    async with a_lasting_load(outside) as load:
        await load.has_outcomes(50)
        ways.database.vanish()
        await eventually(lambda: all_are_unready(stack), within=30, message="all services say that they cannot work")
        ways.database.reappear()
        async with asyncio.timeout(NOTICED_SECONDS):
            await everything_goes_on(outside, stack)
    await Ledger(outside, stack.mailbox, sender_died=True).is_clean()
    await load.all_have_their_place()


async def all_are_unready(stack: RunningStack) -> bool:
    return set(await stack.unready()) >= set(stack.services)


async def test_a_broker_that_vanished_without_a_fin_is_noticed(
    outside: OutsideSystem, stack: RunningStack, ways: Ways
) -> None:
    async with (
        Client.connect(at_port(stack.outside_url, URL(ways.broker.url).port), source=SOURCE) as client,
        a_lasting_load(outside) as load,
    ):
        await load.has_outcomes(50)
        ways.broker.vanish()
        ways.broker.reappear()
        async with asyncio.timeout(NOTICED_SECONDS), asyncio.TaskGroup() as noticing:
            noticing.create_task(everything_goes_on(outside, stack))
            noticing.create_task(is_answered(client))
    await Ledger(outside, stack.mailbox, sender_died=True).is_clean()
    await load.all_have_their_place()


async def is_answered(client: Client) -> None:
    question = GetMembership(room_id=UUID(new_id()), person_id=UUID(new_id()))
    await client.ask(question, actor="system", within=NOTICED_SECONDS)
