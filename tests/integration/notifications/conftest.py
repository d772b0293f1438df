"""A migrated database for letters."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.notifications.post import Post
from tests.support.servers import Servers

from practio_chassis import database, migrate
from practio_notifications.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def notifications_url(servers: Servers) -> AsyncIterator[SecretStr]:
    """Give the URL of a migrated database, dropped at the end."""
    name = f"notifications_{uuid4().hex[:12]}"
    server = make_url(servers.urls.database_url).set(drivername="postgresql+asyncpg")
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    url = SecretStr(server.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    await asyncio.to_thread(migrate.upgrade, SERVICE, url)
    yield url
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


@pytest_asyncio.fixture
async def post(notifications_url: SecretStr) -> AsyncIterator[Post]:
    """Give the service on that database, with no letter due; each test has people and rooms of its own."""
    pool = database.engine(notifications_url, service="notifications")
    found = Post(pool)
    await found.do("UPDATE letter SET due_at = NULL")
    yield found
    await pool.dispose()
