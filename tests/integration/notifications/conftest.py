"""A migrated database for letters."""

from collections.abc import AsyncIterator

import pytest_asyncio
from pydantic import SecretStr
from tests.integration.notifications.notifications_service import NotificationsService
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_notifications.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def notifications_url(servers: Servers) -> AsyncIterator[SecretStr]:
    """Yield the URL of a migrated database."""
    async with migrated_database(servers, SERVICE) as url:
        yield url


@pytest_asyncio.fixture
async def notifications(notifications_url: SecretStr) -> AsyncIterator[NotificationsService]:
    """Yield the service on that database, with no letter due; each test has people and rooms of its own."""
    pool = engine.engine(notifications_url, service="notifications")
    found = NotificationsService(pool)
    await found.do("UPDATE letter SET due_at = NULL")
    yield found
    await pool.dispose()
