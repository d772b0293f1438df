"""A database of its own for the tests of one service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.stack.servers import Servers

from practio_chassis.database import migrations
from practio_chassis.service import Service


@asynccontextmanager
async def migrated_database(servers: Servers, service: Service, *, options: str = "") -> AsyncIterator[SecretStr]:
    """Yield the URL of a new database, made with ``options``, with the service's newest schema, dropped at the end."""
    name = f"{service.name}_{uuid4().hex[:12]}"
    server = make_url(servers.urls.database_url).set(drivername="postgresql+asyncpg")
    # Other tests take the server away and bring it back: a connection of the pool may be one of before.
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name} {options}"))
    url = SecretStr(server.set(drivername="postgresql", database=name).render_as_string(hide_password=False))
    await asyncio.to_thread(migrations.upgrade, service, url)
    yield url
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()
