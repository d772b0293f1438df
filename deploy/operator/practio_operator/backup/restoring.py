"""Restoring: all schemas in one transaction, so that at every instant there is either the old state or the backup."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from practio_operator.backup.definitions import define
from practio_operator.backup.manifest import BROKER, PARTS, Manifest, file_of, read_whole
from practio_operator.backup.programs import Programs
from practio_operator.backup.settling import LOCK, agreed, begun, emptied, settled
from practio_operator.backup.taking import Begin
from practio_operator.errors import OperatorError
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget, owner_role, work_role

_WHO_WORKS = "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY($1) AND datname = current_database()"
_HAS_TABLES = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1)"
_IS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"


@dataclass(frozen=True, slots=True)
class Plan:
    """A restore to be done: the ``parts`` of a backup, of which the schemas ``replaced`` are not empty now."""

    manifest: Manifest
    parts: Sequence[str]
    replaced: Sequence[str]


async def plan_of(programs: Programs, folder: Path, *, only: Collection[str], replace: bool) -> Plan:
    """Return the plan of a restore, of ``only`` these parts, or all if empty.

    Raise OperatorError if the folder is incomplete or has no such part, the database is not provisioned, a service
    still works on its schema, or a schema is not empty and must not be replaced.
    """
    manifest = read_whole(folder)
    parts = [part for part in PARTS if part in (only or PARTS)]
    if lacking := [part for part in parts if part not in manifest.parts]:
        raise OperatorError(f"{folder} has no {', '.join(lacking)}.")
    async with administering(programs.target) as connection:
        schemas = [part for part in parts if part != BROKER]
        for schema in schemas:
            await _refuse_unready(connection, schema)
        full = [schema for schema in schemas if await connection.fetchval(_HAS_TABLES, schema)]
    if full and not replace:
        raise OperatorError(f"There is something in {', '.join(full)}: --replace puts the backup in its place.")
    return Plan(manifest, parts, full)


async def restore(programs: Programs, folder: Path, plan: Plan, *, begin: Begin = lambda _: None) -> None:
    """Carry out the plan: create missing broker objects, then restore all schemas or none. Raise OperatorError."""
    if BROKER in plan.parts:
        begin(BROKER)
        await _restore_broker(programs.target, folder)
    if schemas := [part for part in plan.parts if part != BROKER]:
        await _restore_schemas(programs, folder, schemas, begin)


async def _refuse_unready(connection: asyncpg.Connection, schema: str) -> None:
    roles = [owner_role(schema), work_role(schema)]
    for role in roles:
        if not await connection.fetchval(_IS_ROLE, role):
            raise OperatorError(f"The database has no role {role}: run `practio provision` before restoring.")
    if await connection.fetchval(_WHO_WORKS, roles):
        raise OperatorError(f"Somebody works as {' or '.join(roles)}: stop all copies of {schema} before restoring it.")


async def _restore_schemas(programs: Programs, folder: Path, schemas: Sequence[str], begin: Begin) -> None:
    """One transaction of psql, to which pg_restore's SQL goes: cut off anywhere, it has changed nothing."""
    async with _alone(programs.target) as session, programs.script() as script:
        await script.write(begun(session))
        for schema in schemas:
            begin(schema)
            await script.write(emptied(schema))
            await script.pour(folder / file_of(schema))
            await script.write(settled(schema))
            await script.done()
        await script.write(agreed(schemas))
        await script.done()
        await script.write("COMMIT;")


@asynccontextmanager
async def _alone(target: ProvisionTarget) -> AsyncIterator[int]:
    """Hold the lock of a restore, and yield the session that holds it, by which psql recognises the server."""
    async with administering(target) as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            raise OperatorError("Somebody restores into this database now: wait until that has ended.")
        yield connection.get_server_pid()


async def _restore_broker(target: ProvisionTarget, folder: Path) -> None:
    async with management(target) as broker:
        await define(broker, json.loads((folder / file_of(BROKER)).read_text()))
