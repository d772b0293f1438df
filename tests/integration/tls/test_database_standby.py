"""A standby in production: it streams over TLS alone, from a server with the right name, and takes its place."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from tests.integration.tls.standby import ProductionFiles, a_folder_for_servers
from tests.support.eventually import eventually
from tests.support.stack.database_node import Node
from tests.support.stack.database_pair import DatabasePair, databases_alone

from practio_chassis.database import engine

pytestmark = pytest.mark.thorough

RECEIVES = "SELECT status = 'streaming' AND conninfo LIKE '%sslmode=verify-full%' FROM pg_stat_wal_receiver"
SENDS_ENCRYPTED = "SELECT ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)"


@pytest_asyncio.fixture(scope="module")
async def production_files(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProductionFiles]:
    with a_folder_for_servers() as folder:
        yield await ProductionFiles.of(tmp_path_factory.mktemp("secrets"), folder)


@pytest_asyncio.fixture(scope="module")
async def pair(
    production_files: ProductionFiles, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DatabasePair]:
    async with databases_alone(tmp_path_factory.mktemp("pair"), production_files.surroundings) as found:
        yield found


async def test_the_standby_receives_over_tls_and_verifies_the_primary(pair: DatabasePair) -> None:
    primary = await pair.primary()
    assert await primary.asked(SENDS_ENCRYPTED)
    assert await pair.other(primary).asked(RECEIVES)


@pytest.mark.parametrize("kind", ["", "replication=true"])
async def test_nobody_connects_without_tls(pair: DatabasePair, kind: str) -> None:
    refusal = await refused(await pair.primary(), f"user=practio_admin sslmode=disable {kind}")
    assert "no encryption" in refusal


async def test_only_the_administrator_replicates(pair: DatabasePair) -> None:
    primary = await pair.primary()
    password = primary.postgres.password
    await primary.asked(f"CREATE ROLE curious LOGIN REPLICATION PASSWORD '{password}'")
    assert "no pg_hba.conf entry for replication" in await refused(primary, "user=curious replication=true")
    await primary.asked("DROP ROLE curious")


async def refused(node: Node, connection: str) -> str:
    """Return what the server says to a connection that it refuses."""
    psql = await asyncio.create_subprocess_exec(
        *(str(node.postgres.binaries / "psql"), f"{connection} dbname=practio", "--no-psqlrc", "-c", "SELECT 1"),
        env=node.process.environment | {"PGPASSWORD": node.postgres.password},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, refusal = await psql.communicate()
    assert psql.returncode, "it was let in"
    return refusal.decode()


async def test_a_primary_with_the_certificate_of_another_is_not_followed(
    pair: DatabasePair, production_files: ProductionFiles, tmp_path: Path
) -> None:
    primary = await pair.primary()
    standby = pair.other(primary)
    own = [production_files.secrets(primary.name) / f"database_{part}" for part in ("certificate", "key")]
    kept = [each.rename(tmp_path / each.name) for each in own]
    others = [production_files.secrets(standby.name) / each.name for each in own]
    try:
        production_files.shows(primary.name, *others)
        await started_again(primary)
        complaint = f'does not match host name "{primary.name}"'
        await eventually(lambda: complaint in standby.process.tail(), within=30, message=standby.process.tail)
        assert await primary.follower() is None
    finally:
        production_files.shows(primary.name, *kept)
        await started_again(primary)
    await pair.follows(standby)


async def started_again(node: Node) -> None:
    node.process.stop()
    node.process.start()
    await eventually(node.leads, within=60, message=node.process.tail)


async def test_it_takes_the_place_of_the_primary_which_follows_it_once_rejoined(pair: DatabasePair) -> None:
    primary = await pair.primary()
    pool = engine.engine(SecretStr(pair.url), service="rooms")
    assert await engine.answers(pool)
    primary.process.kill()
    await pair.other(primary).does("promote")
    await eventually(lambda: engine.answers(pool), within=45, message="the new primary is found")
    await pair.rejoins(primary)
    await eventually(lambda: primary.asked(RECEIVES), within=30, message=primary.process.tail)
    await pool.dispose()
