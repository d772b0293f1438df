"""The fixtures of each system test: its own outside system, its ledger, and a stack that is intact again afterwards."""

import random
from collections.abc import AsyncIterator, Generator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.seeds import a_chance
from tests.support.stack.running import RunningStack

from practio_operator.provisioning.accounts import add_publisher, remove_publisher


@pytest_asyncio.fixture
async def outside(stack: RunningStack) -> AsyncIterator[OutsideSystem]:
    """Yield a new outside system; parts of the stack that a test stopped are started again at its end."""
    async with stack.outside() as found:
        yield found
    await stack.heal()


@pytest.fixture
def ledger(outside: OutsideSystem, stack: RunningStack) -> Ledger:
    """Return the ledger of that outside system."""
    return Ledger(outside, stack.mailbox)


@pytest_asyncio.fixture
async def database(stack: RunningStack) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection to the stack's database, as its administrator."""
    connection = await asyncpg.connect(stack.target.database_url)
    yield connection
    await connection.close()


@pytest.fixture
def chance() -> random.Random:
    """Return chance that can be repeated."""
    return a_chance()


@pytest_asyncio.fixture
async def narrow(stack: RunningStack) -> AsyncIterator[str]:
    """Yield the URL of an account that may ask and withdraw, and not as the system."""
    password = new_id()
    may = ["membership.withdraw.v1", "membership.request-to-join.v1"]
    await add_publisher(stack.target, "narrow", password, may=may, listen=["membership.joined.v1"])
    yield stack.target.broker_as("narrow", password)
    await remove_publisher(stack.target, "narrow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the ends of the services' logs to the report of a test that failed."""
    report = yield
    stack: Any = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, RunningStack):
        report.sections.append(("logs of the services", stack.logs()))
    return report
