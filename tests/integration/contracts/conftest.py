from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.contracts.switchboard import Switchboard, a_switchboard
from tests.support.stack.servers import Servers


@pytest_asyncio.fixture(scope="session")
async def board(servers: Servers) -> AsyncIterator[Switchboard]:
    """Give a vhost of these tests' own."""
    async with a_switchboard(servers) as made:
        yield made
