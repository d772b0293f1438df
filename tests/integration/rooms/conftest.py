"""A migrated database for the catalogue."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.rooms.catalogue import Catalogue
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_rooms.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def catalogue(servers: Servers) -> AsyncIterator[Catalogue]:
    """Yield the service on a database of its own; each test uses rooms of its own."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield Catalogue(pool)
        await pool.dispose()
