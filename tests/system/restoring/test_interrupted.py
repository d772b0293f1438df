"""A restore that is cut off in the middle, by whatever: all is as it was, and the next one works."""

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
from tests.support.clients.operator import practio, practio_begun
from tests.support.clients.restoring import backs_up, inside, restores, stopped
from tests.support.eventually import eventually
from tests.support.stack.running import Stack

from practio_contracts.catalogue import SERVICES
from practio_operator.backup import Programs
from practio_operator.backup import manifest as manifests
from practio_operator.backup.settling import begun
from practio_operator.errors import OperatorError
from practio_operator.provisioning.database import administering

pytestmark = pytest.mark.thorough

TABLES = [f"{service}.inbox" for service in SERVICES]
IDENTITIES = "SELECT array_agg(to_regclass(name)::oid ORDER BY name) FROM unnest($1::text[]) AS name"
RESTORES = "SELECT pid FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()"
RESTORES_AND_WAITS = f"{RESTORES} AND wait_event_type = 'Lock'"
WAIT_SECONDS = 60.0
IN_USE = "LOCK TABLE notifications.letter IN ACCESS SHARE MODE"


@dataclass(frozen=True)
class Held:
    """A restore that has put back two schemas and waits for the third, which somebody looks into."""

    command: Process
    onlooker: asyncpg.Connection
    psql: int

    async def told(self) -> str:
        """Wait until the command has ended in failure, and give its complaint."""
        async with asyncio.timeout(WAIT_SECONDS):
            complaint = (await self.command.communicate())[1].decode()
        assert self.command.returncode, "it went through"
        return complaint


@asynccontextmanager
async def held_restore(stack: Stack, folder: Path) -> AsyncIterator[Held]:
    """Give a restore in its middle; at the end, nobody looks any more and psql is gone."""
    async with administering(stack.target) as onlooker:
        async with onlooker.transaction():
            await onlooker.execute(IN_USE)
            command = await practio_begun(stack, "restore", str(folder), "--replace", *inside(stack))
            try:
                yield Held(command, onlooker, await waiting_restore(stack))
            except BaseException:
                kill(command)
                raise
        await eventually(lambda: no_more_restores(onlooker), within=WAIT_SECONDS, saying="psql is gone")


async def waiting_restore(stack: Stack) -> int:
    """Wait until a restore waits for a table, and give the session of its psql."""
    async with administering(stack.target) as connection:
        found: int = await eventually(
            lambda: connection.fetchval(RESTORES_AND_WAITS), within=WAIT_SECONDS, saying="a restore that waits"
        )
    return found


def kill(command: Process) -> None:
    if command.returncode is None:
        command.kill()


async def no_more_restores(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(RESTORES)


async def identities(stack: Stack) -> list[int]:
    """Give what tells tables from others of their name."""
    async with administering(stack.target) as connection:
        found: list[int] = await connection.fetchval(IDENTITIES, TABLES)
    return found


@pytest_asyncio.fixture(scope="module")
async def kept(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """Give a backup to restore while no service runs; afterwards they run, agree, and all holds."""
    folder = tmp_path_factory.mktemp("backups") / "kept"
    await backs_up(stack, str(folder))
    async with stopped(stack, *SERVICES):
        yield folder
    await practio(stack, "rebuild")
    await practio(stack, "invariants")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_restore_that_is_interrupted_or_killed_has_changed_nothing(
    stack: Stack, kept: Path, number: signal.Signals
) -> None:
    before = await identities(stack)
    async with held_restore(stack, kept) as held:
        held.command.send_signal(number)
        told = await held.told()
    assert number is signal.SIGKILL or "as they were" in told
    assert await identities(stack) == before


async def test_a_restore_that_loses_the_database_has_changed_nothing_and_the_next_one_works(
    stack: Stack, kept: Path
) -> None:
    before = await identities(stack)
    async with held_restore(stack, kept) as held:
        await held.onlooker.execute("SELECT pg_terminate_backend($1)", held.psql)
        assert "psql" in await held.told()
    assert await identities(stack) == before
    await restores(stack, str(kept), "--replace")
    assert not set(await identities(stack)) & set(before)


async def test_a_restore_does_not_wait_long_for_who_looks_into_a_table_nor_begins_beside_another(
    stack: Stack, kept: Path
) -> None:
    before = await identities(stack)
    async with held_restore(stack, kept) as held:
        await restores(stack, str(kept), "--replace", exits=1)
        assert "lock timeout" in await held.told()
    assert await identities(stack) == before


async def test_a_service_that_is_started_meanwhile_is_not_restored_under(stack: Stack, kept: Path) -> None:
    before = await identities(stack)
    membership = stack.services["membership"].process
    async with held_restore(stack, kept) as held:
        membership.start()
        await eventually(
            lambda: works(held.onlooker, "practio_membership"), within=WAIT_SECONDS, saying="membership is at work"
        )
    told = await held.told()
    membership.stop()
    assert "started meanwhile" in told
    assert await identities(stack) == before


async def works(connection: asyncpg.Connection, role: str) -> bool:
    # Within a transaction, PostgreSQL shows its sessions as they were at the first look.
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = $1", role))


async def test_a_dump_that_ends_too_early_changes_no_schema(stack: Stack, kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    dump, manifest = tmp_path / "membership.dump", manifests.read_whole(tmp_path)
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 9 // 10])
    parts = {**manifest.parts, "membership": manifests.kept(tmp_path, "membership")}
    manifest.model_copy(update={"parts": parts}).write(tmp_path)
    before = await identities(stack)
    await restores(stack, str(tmp_path), "--replace", exits=1)
    assert await identities(stack) == before


async def test_a_server_that_was_not_looked_at_is_not_restored_into(stack: Stack) -> None:
    before = await identities(stack)
    with pytest.raises(OperatorError, match="not the database that PRACTIO_DATABASE_URL names"):
        await on_another_server(stack)
    assert await identities(stack) == before


async def on_another_server(stack: Stack) -> None:
    """Restore where nobody holds the lock of whoever restores."""
    async with Programs(stack.target, *inside(stack)[1:]).script() as script:
        await script.say(begun(session=0))
        await script.say("DROP SCHEMA rooms CASCADE; COMMIT;")
