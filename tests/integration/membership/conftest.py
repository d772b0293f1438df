"""A migrated database for memberships."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.membership.house import House
from tests.support.databases import migrated_database
from tests.support.servers import Servers

from practio_chassis import database
from practio_membership.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def house(servers: Servers) -> AsyncIterator[House]:
    """Give the service on a database of its own; each test uses rooms of its own."""
    async with migrated_database(servers, SERVICE) as url:
        pool = database.engine(url, service=SERVICE.name)
        yield House(pool)
        await pool.dispose()
