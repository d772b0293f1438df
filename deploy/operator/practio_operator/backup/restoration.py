"""Restoring a backup: all schemas in one transaction, so that the state is either the old one or the backup."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from practio_operator.backup.creation import OnPart
from practio_operator.backup.definitions import create_missing
from practio_operator.backup.manifest import BROKER, PARTS, Manifest, file_of, read_complete
from practio_operator.backup.programs import Programs
from practio_operator.backup.restore_sql import (
    LOCK,
    begin_transaction,
    bring_up_to_date,
    drop_schema,
    refuse_started_services,
)
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget, owner_role, work_role

_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY($1) AND datname = current_database()"
_HAS_TABLES = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1)"
_IS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"


@dataclass(frozen=True, slots=True)
class RestorationPlan:
    """A restore to be done: the ``parts`` of a backup, of which the schemas ``replaced`` are not empty now."""

    manifest: Manifest
    parts: Sequence[str]
    replaced: Sequence[str]


async def plan_restore(programs: Programs, folder: Path, *, only: Collection[str], replace: bool) -> RestorationPlan:
    """Return the plan of a restore, of ``only`` these parts, or all if empty.

    Raise OperatorError if the folder is incomplete or has no such part, the database is not provisioned, a service
    still uses its schema, or a schema is not empty and must not be replaced.
    """
    manifest = read_complete(folder)
    parts = [part for part in PARTS if part in (only or PARTS)]
    if missing := [part for part in parts if part not in manifest.parts]:
        raise OperatorError(f"{folder} has no {', '.join(missing)}: restore other parts, or use another backup.")
    async with administering(programs.target) as connection:
        schemas = [part for part in parts if part != BROKER]
        for schema in schemas:
            await _ensure_ready(connection, schema)
        full = [schema for schema in schemas if await connection.fetchval(_HAS_TABLES, schema)]
    if full and not replace:
        raise OperatorError(
            f"These schemas contain tables: {', '.join(full)}. Use --replace to replace them with the backup."
        )
    return RestorationPlan(manifest, parts, full)


async def restore(programs: Programs, folder: Path, plan: RestorationPlan, *, on_part: OnPart = lambda _: None) -> None:
    """Carry out the plan: create missing broker objects, then restore all schemas or none. Raise OperatorError."""
    if BROKER in plan.parts:
        on_part(BROKER)
        await _restore_broker(programs.target, folder)
    if schemas := [part for part in plan.parts if part != BROKER]:
        await _restore_schemas(programs, folder, schemas, on_part)


async def _ensure_ready(connection: asyncpg.Connection, schema: str) -> None:
    roles = [owner_role(schema), work_role(schema)]
    for role in roles:
        if not await connection.fetchval(_IS_ROLE, role):
            raise OperatorError(f"The database has no role {role}: run `practio provision` before restoring.")
    if await connection.fetchval(_SESSIONS, roles):
        raise OperatorError(
            f"The role {' or '.join(roles)} is in use: stop all copies of {schema} before restoring it."
        )


async def _restore_schemas(programs: Programs, folder: Path, schemas: Sequence[str], on_part: OnPart) -> None:
    """Restore schemas in one transaction of psql, which also runs pg_restore's SQL; interrupted, it changes nothing."""
    async with _restore_lock(programs.target) as session, programs.script() as script:
        await script.write(begin_transaction(session))
        for schema in schemas:
            on_part(schema)
            await script.write(drop_schema(schema))
            await script.pour(folder / file_of(schema))
            await script.write(bring_up_to_date(schema))
            await script.wait_until_executed()
        await script.write(refuse_started_services(schemas))
        await script.wait_until_executed()
        await script.write("COMMIT;")


@asynccontextmanager
async def _restore_lock(target: ProvisionTarget) -> AsyncIterator[int]:
    """Hold the lock of a restore, and yield the session that holds it; by this, psql recognises the server."""
    async with administering(target) as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            raise OperatorError("Another restore into this database is running: wait until it has ended.")
        yield connection.get_server_pid()


async def _restore_broker(target: ProvisionTarget, folder: Path) -> None:
    async with management(target) as broker:
        await create_missing(broker, json.loads((folder / file_of(BROKER)).read_text()))
