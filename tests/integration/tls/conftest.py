"""Servers that speak TLS alone, once for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.tls.certificates import Papers
from tests.integration.tls.servers import Secured, secured_servers


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Give certificates of this run."""
    return Papers.issue(tmp_path_factory.mktemp("papers"))


@pytest_asyncio.fixture(scope="session")
async def secured(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> AsyncIterator[Secured]:
    """Give PostgreSQL and RabbitMQ behind TLS."""
    async with secured_servers(tmp_path_factory.mktemp("secured"), papers) as found:
        yield found
