"""Fixtures that every storey may use: the servers, and which they are."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.support.backing import choose, servers_of
from tests.support.servers import Servers


def pytest_report_header() -> str:
    """Say what the tests that need servers stand on."""
    return f"servers: {choose()} (PRACTIO_BACKING=external|docker|native decides by hand)"


@pytest_asyncio.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Give PostgreSQL and RabbitMQ, each with an empty database or vhost ``practio``."""
    async with servers_of(choose(), tmp_path_factory.mktemp("servers")) as found:
        yield found
