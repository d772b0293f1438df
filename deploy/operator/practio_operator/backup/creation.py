"""Creating a backup while the services run: all schemas at one instant, then the broker's definitions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg

from practio_contracts.catalogue import SERVICES
from practio_operator.backup.definitions import read_definitions
from practio_operator.backup.folder import new_folder
from practio_operator.backup.manifest import BROKER, BackupFile, Manifest, describe_file, file_of
from practio_operator.backup.programs import Programs
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering

OnPart = Callable[[str], None]
"""Called with each part that begins."""


async def create_backup(programs: Programs, folder: Path, *, on_part: OnPart = lambda _: None) -> Manifest:
    """Write a backup into the new ``folder``, and return its manifest; a failure leaves no files behind.

    Raise OperatorError if the folder is not empty, a schema is missing, or a server, program or disk refuses.
    """
    with new_folder(folder):
        taken_at = datetime.now(UTC)
        server, parts = await _dump_schemas(programs, folder, on_part)
        on_part(BROKER)
        parts[BROKER] = await _write_definitions(programs, folder)
        manifest = Manifest(
            taken_at=taken_at, release=version("practio-operator"), server=f"PostgreSQL {server}", parts=parts
        )
        manifest.write(folder)
    return manifest


async def _dump_schemas(programs: Programs, folder: Path, on_part: OnPart) -> tuple[str, dict[str, BackupFile]]:
    """Dump all schemas as one transaction sees them; return the server's version too."""
    async with (
        administering(programs.target) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        parts = {}
        for schema in SERVICES:
            on_part(schema)
            parts[schema] = await _dump_schema(connection, programs, schema, folder, snapshot)
        return await connection.fetchval("SHOW server_version"), parts


async def _dump_schema(
    connection: asyncpg.Connection, programs: Programs, schema: str, folder: Path, snapshot: str
) -> BackupFile:
    if not await connection.fetchval("SELECT to_regclass($1)", f"{schema}.alembic_version"):
        raise OperatorError(f"The schema {schema} has no tables: run `practio provision --migrate` first.")
    revision = await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")
    await programs.dump(schema, folder / file_of(schema), snapshot=snapshot)
    return describe_file(folder, schema, revision=revision)


async def _write_definitions(programs: Programs, folder: Path) -> BackupFile:
    async with management(programs.target) as broker:
        definitions = await read_definitions(broker)
    path = folder / file_of(BROKER)
    path.touch(mode=0o600)
    path.write_text(json.dumps(definitions, indent=1) + "\n")
    return describe_file(folder, BROKER)
