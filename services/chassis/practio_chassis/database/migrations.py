"""Upgrades a service's schema to the newest version, and writes new migrations. Needs the schema's owner."""

import asyncio
from importlib.resources import files

from alembic import command, context
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, text

from practio_chassis.database import engine
from practio_chassis.service import Service


def run_migrations(metadata: MetaData) -> None:
    """Run what Alembic asks for on the connection that ``upgrade`` or ``revise`` opened; called by each ``env.py``."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


def upgrade(service: Service, url: SecretStr) -> None:
    """Apply all pending migrations, however long they take; concurrent upgrades wait for each other."""

    def run(connection: Connection) -> None:
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(lock, {"name": f"practio migrate {service.name}"})
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        command.upgrade(_config(service, connection), "head")

    asyncio.run(_on(service, url, run))


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
    pool = engine.engine(url, service=f"{service.name}-migrate")
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
