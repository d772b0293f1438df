"""The fixtures of upgrade tests: both releases on one broker and database, an outside system and its ledger."""

from collections.abc import AsyncIterator, Generator
from typing import Any

import pytest
import pytest_asyncio
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.servers import Servers
from tests.upgrade.mixed import Mixed, mixed_stack
from tests.upgrade.release import previous_release


@pytest_asyncio.fixture(scope="session")
async def mixed(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mixed]:
    """Yield a stack that begins with all of the release before, on its own schema."""
    before = await previous_release()
    async with mixed_stack(servers, before, tmp_path_factory.mktemp("services")) as found:
        yield found


@pytest_asyncio.fixture
async def outside(mixed: Mixed) -> AsyncIterator[OutsideSystem]:
    """Yield a new outside system; at the end there is no fault anywhere (``went_wrong``)."""
    await mixed.forget()
    before = mixed.stack.complaints()
    async with mixed.stack.outside() as found:
        yield found
    wrong = await mixed.went_wrong(since=before)
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def ledger(outside: OutsideSystem, mixed: Mixed) -> Ledger:
    """Return the ledger of that outside system."""
    return Ledger(outside, mixed.stack.mailbox, previous_runs=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the ends of the services' logs to the report of a test that failed."""
    report = yield
    mixed: Any = getattr(item, "funcargs", {}).get("mixed")
    if report.failed and isinstance(mixed, Mixed):
        report.sections.append(("logs of the services", mixed.stack.logs()))
    return report
