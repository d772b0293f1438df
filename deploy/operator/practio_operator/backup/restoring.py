"""Restoring: what was there before is put aside first, and dropped once the backup stands in its place."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from practio_operator.backup.definitions import define
from practio_operator.backup.manifest import BROKER, PARTS, Manifest, file_of, read_whole
from practio_operator.backup.programs import Programs
from practio_operator.backup.taking import Begin
from practio_operator.errors import OperatorError
from practio_operator.provision_broker import management
from practio_operator.provision_database import administering
from practio_operator.provision_target import ProvisionTarget, owner_role, work_role

_WHO_WORKS = "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY($1) AND datname = current_database()"
_HAS_TABLES = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1)"
_IS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
_IS_SCHEMA = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)"

_LETTERS_NOT_KNOWN = """
UPDATE notifications.letter SET status = 'unknown', due_at = NULL, reason = 'restored'
WHERE due_at <= clock_timestamp()
"""
"""What was due by now has probably left since the backup: it is for an operator to say that it leaves again."""

_REMINDERS_DONE = "UPDATE notifications.session SET remind_at = NULL WHERE remind_at <= clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore will do: the ``parts`` of a backup, of which the schemas ``replaced`` hold something now."""

    manifest: Manifest
    parts: Sequence[str]
    replaced: Sequence[str]


async def plan_of(programs: Programs, folder: Path, *, only: Collection[str], replace: bool) -> Plan:
    """Look whether a backup can be restored: ``only`` these parts, or all where there are none.

    Raises OperatorError where the folder is not whole or lacks a part, the database is not provisioned, a service still
    works on its schema, or a schema holds something and is not to be replaced.
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
    """Do what was planned, a schema at a time, each wholly or not at all. Raises OperatorError."""
    for part in plan.parts:
        begin(part)
        if part == BROKER:
            await _restore_broker(programs.target, folder)
        else:
            await _restore_schema(programs, folder / file_of(part), part)


async def _refuse_unready(connection: asyncpg.Connection, schema: str) -> None:
    roles = [owner_role(schema), work_role(schema)]
    for role in roles:
        if not await connection.fetchval(_IS_ROLE, role):
            raise OperatorError(f"The database has no role {role}: run `practio provision` before restoring.")
    if await connection.fetchval(_WHO_WORKS, roles):
        raise OperatorError(f"Somebody works as {' or '.join(roles)}: stop all copies of {schema} before restoring it.")


async def _restore_schema(programs: Programs, dump: Path, schema: str) -> None:
    aside = f"{schema}_before_restore"
    async with administering(programs.target) as connection:
        await _put_aside(connection, schema, aside)
        try:
            await programs.restore(dump)
            async with connection.transaction():
                await _settle(connection, schema)
                await connection.execute(f"DROP SCHEMA IF EXISTS {aside} CASCADE")
        except BaseException:
            await _put_back(connection, schema, aside)
            raise


async def _put_aside(connection: asyncpg.Connection, schema: str, aside: str) -> None:
    if await connection.fetchval(_IS_SCHEMA, aside):
        raise OperatorError(
            f"A schema {aside} is there, from a restore that was interrupted: compare it with {schema}, "
            "drop the one that is not wanted, and rename the other if need be."
        )
    if await connection.fetchval(_IS_SCHEMA, schema):
        await connection.execute(f"ALTER SCHEMA {schema} RENAME TO {aside}")


async def _put_back(connection: asyncpg.Connection, schema: str, aside: str) -> None:
    async with connection.transaction():
        await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        if await connection.fetchval(_IS_SCHEMA, aside):
            await connection.execute(f"ALTER SCHEMA {aside} RENAME TO {schema}")


async def _settle(connection: asyncpg.Connection, schema: str) -> None:
    """Number facts from now on above all that were said after the backup, and send no letter that may have left."""
    await connection.execute(f"DELETE FROM {schema}.numbering")
    await connection.execute(
        f"INSERT INTO {schema}.numbering SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)"
    )
    if schema == "notifications":
        await connection.execute(_LETTERS_NOT_KNOWN)
        await connection.execute(_REMINDERS_DONE)


async def _restore_broker(target: ProvisionTarget, folder: Path) -> None:
    async with management(target) as broker:
        await define(broker, json.loads((folder / file_of(BROKER)).read_text()))
