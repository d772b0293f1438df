"""The database: one schema per service, which one role owns and another works on; nobody may use ``public``.

A service cannot read another's schema, alter its own, or empty a table at once (no TRUNCATE).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from practio_chassis.database.hosts import Hosts
from practio_contracts.catalogue import SERVICES
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.target import DATABASE, ProvisionTarget, owner_role, work_role

MAINTENANCE = "postgres"
"""The database that every server has; from it, another can be created."""


def statements(database: str) -> list[str]:
    """Return the SQL for an administrator who is connected to ``database``; it may be repeated."""
    return [
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        *(each for service in SERVICES for each in _for_service(service, database)),
    ]


def sql_file() -> str:
    """Return the text of ``deploy/postgres/roles_and_schemas.sql``; roles get their passwords separately."""
    lines = "".join(f"{statement};\n" for statement in statements(DATABASE))
    return f"-- Written by: practio provision --sql\n\n{lines}"


def _for_service(service: str, database: str) -> list[str]:
    owner, work = owner_role(service), work_role(service)
    defaults = f"FOR ROLE {owner} IN SCHEMA {service}"
    return [
        _role(owner),
        _role(work),
        f'GRANT CONNECT ON DATABASE "{database}" TO {owner}, {work}',
        f"CREATE SCHEMA IF NOT EXISTS {service}",
        f"ALTER SCHEMA {service} OWNER TO {owner}",
        f"GRANT USAGE ON SCHEMA {service} TO {work}",
        f"ALTER DEFAULT PRIVILEGES {defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {work}",
        f"ALTER DEFAULT PRIVILEGES {defaults} GRANT USAGE, SELECT ON SEQUENCES TO {work}",
        *(f'ALTER ROLE {role} IN DATABASE "{database}" SET search_path = {service}' for role in (owner, work)),
    ]


def _role(name: str) -> str:
    """Return SQL that creates a role if it is missing.

    PostgreSQL has no CREATE ROLE IF NOT EXISTS, and two administrators at once may both find it missing.
    """
    unless_there = "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
    return f"DO $$ BEGIN CREATE ROLE {name} LOGIN; {unless_there}; END $$"


async def provision_database(target: ProvisionTarget) -> None:
    """Create database, schemas and roles, and set the roles' passwords. Raise OperatorError if the server refuses."""
    async with administering(target, MAINTENANCE) as server:
        # Roles belong to the server, but an advisory lock to a database: all provisioning takes the lock in this one.
        await server.execute("SELECT pg_advisory_lock(hashtext('practio provision'))")
        await _ensure_database(server, target.database)
        async with administering(target) as connection, connection.transaction():
            for statement in statements(target.database):
                await connection.execute(statement)
            for service, passwords in target.passwords.items():
                await _set_password(connection, owner_role(service), passwords.owner)
                await _set_password(connection, work_role(service), passwords.work)


@asynccontextmanager
async def administering(target: ProvisionTarget, database: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    """Connect as the administrator to the target's database, or another; raise OperatorError if anything fails."""
    connection = await _connected(target, database or target.database)
    try:
        try:
            yield connection
        finally:
            await connection.close()
    except (ConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _database_error(target, error) from error


async def _connected(target: ProvisionTarget, database: str) -> asyncpg.Connection:
    try:
        return await Hosts(target.database_url).connect(database=database, timeout=10)
    except asyncpg.InvalidCatalogNameError as error:
        raise _database_error(target, f"{error}: run `practio provision` to create it") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _database_error(target, error) from error


def _database_error(target: ProvisionTarget, why: object) -> OperatorError:
    place = urlsplit(target.database_url).netloc.rpartition("@")[2]
    return OperatorError(f"The database server at {place} cannot be used: {str(why) or type(why).__name__}.")


async def _ensure_database(server: asyncpg.Connection, database: str) -> None:
    if not await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await server.execute(f'CREATE DATABASE "{database}" ENCODING UTF8 TEMPLATE template0')


async def _set_password(connection: asyncpg.Connection, role: str, password: str) -> None:
    """Set a role's password; it cannot be a parameter of the statement, so the server quotes it."""
    quoted = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)"
    await connection.execute(await connection.fetchval(quoted, role, password))
