"""Taking a backup while the services work: all schemas at one instant, then the broker's definitions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg

from practio_contracts.catalogue import SERVICES
from practio_operator.backup.definitions import defined
from practio_operator.backup.folder import new_folder
from practio_operator.backup.manifest import BROKER, Kept, Manifest, entry_of, file_of
from practio_operator.backup.programs import Programs
from practio_operator.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering

Begin = Callable[[str], None]
"""Called with each part that begins."""


async def take(programs: Programs, folder: Path, *, begin: Begin = lambda _: None) -> Manifest:
    """Write a backup into the new ``folder``, and return its manifest; a failure leaves no files behind.

    Raise OperatorError if the folder is not empty, a schema is missing, or a server, program or disk refuses.
    """
    with new_folder(folder):
        taken_at = datetime.now(UTC)
        server, parts = await _schemas(programs, folder, begin)
        begin(BROKER)
        parts[BROKER] = await _defined(programs, folder)
        manifest = Manifest(
            taken_at=taken_at, release=version("practio-operator"), server=f"PostgreSQL {server}", parts=parts
        )
        manifest.write(folder)
    return manifest


async def _schemas(programs: Programs, folder: Path, begin: Begin) -> tuple[str, dict[str, Kept]]:
    """Dump all schemas as one transaction sees them; return the server's version too."""
    async with (
        administering(programs.target) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        parts = {}
        for schema in SERVICES:
            begin(schema)
            parts[schema] = await _dumped(connection, programs, schema, folder, snapshot)
        return await connection.fetchval("SHOW server_version"), parts


async def _dumped(connection: asyncpg.Connection, programs: Programs, schema: str, folder: Path, snapshot: str) -> Kept:
    if not await connection.fetchval("SELECT to_regclass($1)", f"{schema}.alembic_version"):
        raise OperatorError(f"The schema {schema} has no tables: `practio provision --migrate` makes them.")
    revision = await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")
    await programs.dump(schema, folder / file_of(schema), snapshot=snapshot)
    return entry_of(folder, schema, revision=revision)


async def _defined(programs: Programs, folder: Path) -> Kept:
    async with management(programs.target) as broker:
        definitions = await defined(broker)
    path = folder / file_of(BROKER)
    path.touch(mode=0o600)
    path.write_text(json.dumps(definitions, indent=1) + "\n")
    return entry_of(folder, BROKER)
