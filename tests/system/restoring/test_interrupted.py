"""A restore that is interrupted by anything: nothing has changed, and the next one works."""

import asyncio
import shutil
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from tests.support.clients.operator import practio, practio_started
from tests.support.clients.restoring import backs_up, inside, restores, stopped
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import SERVICES
from practio_operator.backup import Programs
from practio_operator.backup import manifest as manifests
from practio_operator.backup.restore_sql import begin_transaction
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.database import administering

pytestmark = pytest.mark.thorough

TABLES = [f"{service}.inbox" for service in SERVICES]
IDENTITIES = "SELECT array_agg(to_regclass(name)::oid ORDER BY name) FROM unnest($1::text[]) AS name"
RESTORES = "SELECT pid FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()"
RESTORES_AND_WAITS = f"{RESTORES} AND wait_event_type = 'Lock'"
WAIT_SECONDS = 60.0
IN_USE = "LOCK TABLE notifications.letter IN ACCESS SHARE MODE"


@dataclass(frozen=True)
class BlockedRestore:
    """A restore that has put back two schemas and waits for the third, which somebody looks into."""

    command: Process
    locking: asyncpg.Connection
    psql: int

    async def complaint(self) -> str:
        """Wait until the command has ended in failure, and return its complaint."""
        async with asyncio.timeout(WAIT_SECONDS):
            complaint = (await self.command.communicate())[1].decode()
        assert self.command.returncode, "it went through"
        return complaint


@asynccontextmanager
async def blocked_restore(stack: RunningStack, folder: Path) -> AsyncIterator[BlockedRestore]:
    """Yield a restore in its middle; at the end the lock and psql are gone."""
    async with administering(stack.target) as locking:
        async with locking.transaction():
            await locking.execute(IN_USE)
            command = await practio_started(stack, "restore", str(folder), "--replace", *inside(stack))
            try:
                yield BlockedRestore(command, locking, await waiting_restore(stack))
            except BaseException:
                kill(command)
                raise
        await eventually(lambda: no_more_restores(locking), within=WAIT_SECONDS, message="psql is gone")


async def waiting_restore(stack: RunningStack) -> int:
    """Wait until a restore waits for a table, and return the session of its psql."""
    async with administering(stack.target) as connection:
        found: int = await eventually(
            lambda: connection.fetchval(RESTORES_AND_WAITS), within=WAIT_SECONDS, message="a restore that waits"
        )
    return found


def kill(command: Process) -> None:
    if command.returncode is None:
        command.kill()


async def no_more_restores(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(RESTORES)


async def identities(stack: RunningStack) -> list[int]:
    """Return the object ids of tables, which tell a restored table from the old one."""
    async with administering(stack.target) as connection:
        found: list[int] = await connection.fetchval(IDENTITIES, TABLES)
    return found


@pytest_asyncio.fixture(scope="module")
async def backup(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """Yield a backup to restore while no service runs; afterwards they run, agree, and all holds."""
    folder = tmp_path_factory.mktemp("backups") / "kept"
    await backs_up(stack, str(folder))
    async with stopped(stack, *SERVICES):
        yield folder
    await practio(stack, "rebuild")
    await practio(stack, "invariants")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_an_interrupted_or_killed_restore_changes_nothing(
    stack: RunningStack, backup: Path, number: signal.Signals
) -> None:
    before = await identities(stack)
    async with blocked_restore(stack, backup) as blocked:
        blocked.command.send_signal(number)
        complaint = await blocked.complaint()
    assert number is signal.SIGKILL or "unchanged" in complaint
    assert await identities(stack) == before


async def test_a_restore_that_loses_the_database_changes_nothing_and_the_next_one_works(
    stack: RunningStack, backup: Path
) -> None:
    before = await identities(stack)
    async with blocked_restore(stack, backup) as blocked:
        await blocked.locking.execute("SELECT pg_terminate_backend($1)", blocked.psql)
        assert "psql" in await blocked.complaint()
    assert await identities(stack) == before
    await restores(stack, str(backup), "--replace")
    assert not set(await identities(stack)) & set(before)


async def test_a_restore_waits_briefly_for_a_locked_table_and_never_runs_beside_another(
    stack: RunningStack, backup: Path
) -> None:
    before = await identities(stack)
    async with blocked_restore(stack, backup) as blocked:
        await restores(stack, str(backup), "--replace", exits=1)
        assert "lock timeout" in await blocked.complaint()
    assert await identities(stack) == before


async def test_a_restore_stops_if_a_service_is_started_meanwhile(stack: RunningStack, backup: Path) -> None:
    before = await identities(stack)
    membership = stack.services["membership"].process
    async with blocked_restore(stack, backup) as blocked:
        membership.start()
        await eventually(
            lambda: works(blocked.locking, "practio_membership"), within=WAIT_SECONDS, message="membership is at work"
        )
    complaint = await blocked.complaint()
    membership.stop()
    assert "started in the meantime" in complaint
    assert await identities(stack) == before


async def works(connection: asyncpg.Connection, role: str) -> bool:
    # Within a transaction, PostgreSQL shows its sessions as they were at the first look.
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = $1", role))


async def test_a_truncated_dump_changes_no_schema(stack: RunningStack, backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path, dirs_exist_ok=True)
    dump, manifest = tmp_path / "membership.dump", manifests.read_complete(tmp_path)
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 9 // 10])
    parts = {**manifest.parts, "membership": manifests.describe_file(tmp_path, "membership")}
    manifest.model_copy(update={"parts": parts}).write(tmp_path)
    before = await identities(stack)
    await restores(stack, str(tmp_path), "--replace", exits=1)
    assert await identities(stack) == before


async def test_a_restore_refuses_a_server_that_was_not_checked(stack: RunningStack) -> None:
    before = await identities(stack)
    with pytest.raises(OperatorError, match="not the database that PRACTIO_DATABASE_URL names"):
        await on_another_server(stack)
    assert await identities(stack) == before


async def on_another_server(stack: RunningStack) -> None:
    """Restore on a server on which nobody holds the lock of a restore."""
    async with Programs(stack.target, *inside(stack)[1:]).script() as script:
        await script.write(begin_transaction(session=0))
        await script.write("DROP SCHEMA rooms CASCADE; COMMIT;")
