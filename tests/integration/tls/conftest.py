"""Servers that speak only TLS, once for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.tls.certificates import Certificates
from tests.integration.tls.servers import TlsServers, running_tls_servers


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return certificates of this run."""
    return Certificates.issue(tmp_path_factory.mktemp("papers"))


@pytest_asyncio.fixture(scope="session")
async def tls_servers(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> AsyncIterator[TlsServers]:
    """Yield PostgreSQL and RabbitMQ behind TLS."""
    async with running_tls_servers(tmp_path_factory.mktemp("secured"), certificates) as found:
        yield found
