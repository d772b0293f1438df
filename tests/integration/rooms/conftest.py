"""A migrated database for the catalogue."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.rooms.catalogue import Catalogue
from tests.support.servers import Servers

from practio_chassis import database, migrate
from practio_rooms.app import SERVICE


@pytest_asyncio.fixture(scope="session")
async def catalogue(servers: Servers) -> AsyncIterator[Catalogue]:
    """Give the service on a database of its own, dropped at the end; each test uses rooms of its own."""
    name = f"rooms_{uuid4().hex[:12]}"
    server = make_url(servers.urls.database_url).set(drivername="postgresql+asyncpg")
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    url = SecretStr(server.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    await asyncio.to_thread(migrate.upgrade, SERVICE, url)
    pool = database.engine(url, service="rooms")
    yield Catalogue(pool)
    await pool.dispose()
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()
