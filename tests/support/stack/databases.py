"""Databases with the schemas of services: one for the tests of one service, and that of a whole stack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.support.stack.servers import Servers

from practio_chassis.database import migrations
from practio_chassis.service import Service
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_notifications.app import SERVICE as NOTIFICATIONS
from practio_operator.provisioning.target import ProvisionTarget
from practio_rooms.app import SERVICE as ROOMS

_TEMPLATES: dict[tuple[str, str], str] = {}
"""The names of the databases that were migrated to be copied, by server and service."""


@asynccontextmanager
async def migrated_database(
    servers: Servers, service: Service, *, options: str = "", copied: bool = True
) -> AsyncIterator[SecretStr]:
    """Yield the URL of a new database with the service's newest schema, dropped at the end.

    It is ``copied`` from one that was migrated before, unless it is made with ``options``.
    """
    name = f"{service.name}_{uuid4().hex[:12]}"
    server = make_url(servers.urls.database_url).set(drivername="postgresql+asyncpg")
    # Other tests take the server away and bring it back: a connection of the pool may be one of before.
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    async with admin.connect() as connection:
        if options or not copied:
            await _migrated(connection, server, service, name, options)
        else:
            of_server = (servers.urls.database_url, service.name)
            if of_server not in _TEMPLATES:
                await _migrated(connection, server, service, f"{name}_template")
                _TEMPLATES[of_server] = f"{name}_template"
            await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATES[of_server]}"))
    yield _url(server, name)
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


async def _migrated(connection: AsyncConnection, server: URL, service: Service, name: str, options: str = "") -> None:
    """Make a database with the service's newest schema."""
    await connection.execute(text(f"CREATE DATABASE {name} {options}"))
    await asyncio.to_thread(migrations.upgrade, service, _url(server, name))


def _url(server: URL, name: str) -> SecretStr:
    return SecretStr(server.set(drivername="postgresql", database=name).render_as_string(hide_password=False))


async def migrate_here(target: ProvisionTarget) -> None:
    """Migrate the schemas of all services, each as its owner, as `practio provision --migrate` does.

    That starts a process for each service, which takes longer than the migrations.
    """
    for service in (ROOMS, MEMBERSHIP, NOTIFICATIONS):  # one after the other: Alembic has one context for a process
        await asyncio.to_thread(migrations.upgrade, service, SecretStr(target.database_of_owner(service.name)))
