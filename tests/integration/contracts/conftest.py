from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.contracts.vhost import ContractVhost, a_contract_vhost
from tests.support.stack.servers import Servers


@pytest_asyncio.fixture(scope="session")
async def vhost(servers: Servers) -> AsyncIterator[ContractVhost]:
    """Yield a vhost of these tests' own."""
    async with a_contract_vhost(servers) as made:
        yield made
