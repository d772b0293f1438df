"""Upgrades a service's schema to the newest version, and writes new migrations. Needs the schema's owner."""

import asyncio
import random
import time
from importlib.resources import files

from alembic import command, context
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError

from practio_chassis.database import engine
from practio_chassis.service import Service
from practio_chassis.telemetry.log import logger

_ATTEMPTS = 20
_CONTENDED = frozenset({"40P01", "55P03"})
"""SQLSTATEs of a deadlock, and of a lock that was not granted in time."""

_log = logger(__name__)


def run_migrations(metadata: MetaData) -> None:
    """Run what Alembic asks for on the connection that ``upgrade`` or ``revise`` opened; called by each ``env.py``."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


def upgrade(service: Service, url: SecretStr) -> None:
    """Apply all pending migrations, however long they take; concurrent upgrades wait for each other.

    The release before may be at work meanwhile. If it and the migration wait for each other's locks, PostgreSQL ends
    one of the two: the migration has changed nothing then, and is tried again.
    """

    def run(connection: Connection) -> None:
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(lock, {"name": f"practio migrate {service.name}"})
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        if connection.scalar(text("SELECT to_regclass('inbox')")) is not None:
            # Every batch begins with the inbox: those under way end first, later ones wait before they lock anything.
            connection.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        command.upgrade(_config(service, connection), "head")

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            asyncio.run(_on(service, url, run))
        except DBAPIError as error:
            if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _CONTENDED:
                raise
            _log.warning("the service at work holds tables: the migration is tried again", attempt=attempt)
            time.sleep(random.uniform(0.5, 2.0))
        else:
            return


def revise(service: Service, url: SecretStr, message: str) -> None:
    """Write a migration for the difference between the tables in the code and the database."""
    asyncio.run(
        _on(
            service,
            url,
            lambda connection: command.revision(_config(service, connection), message, autogenerate=True),
        )
    )


async def _on(service: Service, url: SecretStr, run: object) -> None:
    pool = engine.engine(url, service=f"{service.name}-migrate", patience=None)
    async with pool.begin() as connection:
        await connection.run_sync(run)  # type: ignore[arg-type]  # run_sync types its callable by ParamSpec
    await pool.dispose()


def _config(service: Service, connection: Connection) -> Config:
    package, _, folder = service.migrations.partition(":")
    config = Config()
    config.set_main_option("script_location", service.migrations)
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(files(package) / folder / "versions"))
    config.attributes["connection"] = connection
    return config
