"""A migrated database for memberships."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text
from tests.integration.membership.membership_service import MembershipService
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_membership.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def membership(servers: Servers) -> AsyncIterator[MembershipService]:
    """Yield the service on a database of its own; each test uses rooms of its own."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield MembershipService(pool)
        await pool.dispose()


@pytest_asyncio.fixture(scope="module")
async def emptied(servers: Servers) -> AsyncIterator[MembershipService]:
    """Return the service on a database of its own."""
    async with migrated_database(servers, SERVICE) as url:
        pool = engine.engine(url, service=SERVICE.name)
        yield MembershipService(pool)
        await pool.dispose()


@pytest_asyncio.fixture
async def lonely(emptied: MembershipService) -> MembershipService:
    """Return the service on empty tables, so that the sweep finds what this test lost, and nothing else."""
    async with emptied.pool.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("TRUNCATE room, membership, buddy, history, timer, outbox, inbox, latest"))
    return emptied
