"""A restore that is cut off in the middle, by whatever: all is as it was, and the next one works."""

import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from tests.support.eventually import eventually
from tests.support.operator import practio, practio_begun
from tests.support.restoring import backs_up, inside, restores, stopped
from tests.support.stack import Stack

from practio_contracts.catalogue import SERVICES
from practio_operator.backup import Programs
from practio_operator.backup.manifest import kept, read_whole
from practio_operator.backup.settling import begun
from practio_operator.errors import OperatorError
from practio_operator.provision_database import administering

TABLES = [f"{service}.inbox" for service in SERVICES]
IDENTITIES = "SELECT array_agg(to_regclass(name)::oid ORDER BY name) FROM unnest($1::text[]) AS name"
RESTORES = "SELECT pid FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()"
RESTORES_AND_WAITS = f"{RESTORES} AND wait_event_type = 'Lock'"
IN_USE = "LOCK TABLE notifications.letter IN ACCESS SHARE MODE"


@dataclass(frozen=True)
class Held:
    """A restore that has put back two schemas and waits for the third, which somebody looks into."""

    command: Process
    onlooker: asyncpg.Connection
    psql: int

    async def told(self) -> str:
        """Wait until the command has ended in failure, and give its complaint."""
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
            async with administering(stack.target) as other:
                psql = await eventually(lambda: other.fetchval(RESTORES_AND_WAITS), saying="a restore that waits")
            yield Held(command, onlooker, psql)
        await eventually(lambda: no_more_restores(onlooker), saying="psql is gone")


async def no_more_restores(connection: asyncpg.Connection) -> bool:
    return not await connection.fetchval(RESTORES)


async def identities(stack: Stack) -> list[int]:
    """Give what tells tables from others of their name."""
    async with administering(stack.target) as connection:
        found: list[int] = await connection.fetchval(IDENTITIES, TABLES)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_restore_that_is_interrupted_or_killed_has_changed_nothing(
    stack: Stack, tmp_path: Path, number: signal.Signals
) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES):
        before = await identities(stack)
        async with held_restore(stack, tmp_path / "kept") as held:
            held.command.send_signal(number)
            told = await held.told()
        assert number is signal.SIGKILL or "as they were" in told
        assert await identities(stack) == before
        await restores(stack, str(tmp_path / "kept"), "--replace")
        assert not set(await identities(stack)) & set(before)
    await practio(stack, "invariants")


async def test_a_restore_that_loses_the_database_has_changed_nothing(stack: Stack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES):
        before = await identities(stack)
        async with held_restore(stack, tmp_path / "kept") as held:
            await held.onlooker.execute("SELECT pg_terminate_backend($1)", held.psql)
            assert "psql" in await held.told()
        assert await identities(stack) == before


async def test_a_restore_does_not_wait_long_for_who_looks_into_a_table(stack: Stack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES):
        before = await identities(stack)
        async with held_restore(stack, tmp_path / "kept") as held:
            assert "lock timeout" in await held.told()
        assert await identities(stack) == before


async def test_nobody_restores_while_another_does(stack: Stack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES), held_restore(stack, tmp_path / "kept") as held:
        await restores(stack, str(tmp_path / "kept"), "--replace", exits=1)
        held.command.send_signal(signal.SIGTERM)
        await held.told()


async def test_a_service_that_is_started_meanwhile_is_not_restored_under(stack: Stack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path / "kept"))
    async with stopped(stack, *SERVICES):
        before = await identities(stack)
        async with held_restore(stack, tmp_path / "kept") as held:
            stack.services["membership"].process.start()
            await eventually(lambda: works(held.onlooker, "practio_membership"), saying="membership is at work")
        assert "started meanwhile" in await held.told()
        assert await identities(stack) == before
        stack.services["membership"].process.stop()
    await practio(stack, "invariants")


async def works(connection: asyncpg.Connection, role: str) -> bool:
    # Within a transaction, PostgreSQL shows its sessions as they were at the first look.
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = $1", role))


async def test_a_dump_that_ends_too_early_changes_no_schema(stack: Stack, tmp_path: Path) -> None:
    await backs_up(stack, str(tmp_path))
    dump, manifest = tmp_path / "membership.dump", read_whole(tmp_path)
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 9 // 10])
    parts = {**manifest.parts, "membership": kept(tmp_path, "membership")}
    manifest.model_copy(update={"parts": parts}).write(tmp_path)
    async with stopped(stack, *SERVICES):
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
