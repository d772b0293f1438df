"""Promise 11 in the database: no role sees, reads or changes data of another service; PostgreSQL refuses."""

import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from tests.integration.provision.conftest import NAME
from tests.support.stack.logins import database_of

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.provision import ProvisionTarget
from practio_operator.provisioning.target import owner_role, work_role

REFUSED = asyncpg.InsufficientPrivilegeError

each_service = pytest.mark.parametrize("service", SERVICES)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def notes(target: ProvisionTarget) -> AsyncIterator[None]:
    """Create a table `note` in each schema, made by its owner as a migration would."""
    for service in SERVICES:
        await run(
            target.database_of_owner(service), "CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY, said text)"
        )
    yield
    for service in SERVICES:
        await run(target.database_of_owner(service), "DROP TABLE note")


async def run(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


async def let_through(url: str, statements: list[str]) -> list[str]:
    """Try each statement in its own transaction; return those that the server did not refuse."""
    passed = []
    connection = await asyncpg.connect(url)
    for statement in statements:
        try:
            await connection.execute(statement)
        except REFUSED:
            continue
        except asyncpg.PostgresError as error:  # let through so far that something else was wrong with it
            passed.append(f"{statement}: {error}")
            continue
        passed.append(statement)
    await connection.close()
    return passed


def forbidden_to_everybody(service: str) -> list[str]:
    others = [each for each in SERVICES if each != service]
    return [
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SELECT * FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        *(statement for other in others for statement in forbidden_in(other)),
    ]


def forbidden_in(other: str) -> list[str]:
    return [
        f"SELECT * FROM {other}.note",
        f"INSERT INTO {other}.note (said) VALUES ('x')",
        f"UPDATE {other}.note SET said = 'x'",
        f"DELETE FROM {other}.note",
        f"TRUNCATE {other}.note",
        f"DROP TABLE {other}.note",
        f"ALTER TABLE {other}.note ADD COLUMN mine int",
        f"CREATE TABLE {other}.mine (id int)",
        f"GRANT USAGE ON SCHEMA {other} TO PUBLIC",
        f"DROP SCHEMA {other} CASCADE",
        f"SET ROLE {owner_role(other)}",
        f"SET ROLE {work_role(other)}",
        f"ALTER ROLE {work_role(other)} PASSWORD 'x'",
    ]


def forbidden_to_work(service: str) -> list[str]:
    return [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE note ADD COLUMN mine int",
        "TRUNCATE note",
        "DROP TABLE note",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE note DISABLE TRIGGER ALL",
        f"SET ROLE {owner_role(service)}",
    ]


@each_service
async def test_a_work_role_may_touch_only_its_own_rows(target: ProvisionTarget, service: str) -> None:
    forbidden = forbidden_to_everybody(service) + forbidden_to_work(service)
    assert await let_through(database_of(target, service), forbidden) == []


@each_service
async def test_an_owner_may_touch_only_its_own_schema(target: ProvisionTarget, service: str) -> None:
    assert await let_through(target.database_of_owner(service), forbidden_to_everybody(service)) == []


@each_service
async def test_a_work_role_may_read_and_write_the_tables_of_its_owner(target: ProvisionTarget, service: str) -> None:
    work = [
        "INSERT INTO note (said) VALUES ('x')",
        "SELECT * FROM note",
        "UPDATE note SET said = 'y'",
        "DELETE FROM note",
        "SELECT last_value FROM note_id_seq",
    ]
    assert await let_through(database_of(target, service), work) == work


@each_service
async def test_a_role_finds_its_own_schema_and_no_other(target: ProvisionTarget, service: str) -> None:
    for url in (database_of(target, service), target.database_of_owner(service)):
        assert [tuple(row) for row in await run(url, "SHOW search_path")] == [(service,)]


async def test_a_stranger_on_the_server_cannot_even_connect(target: ProvisionTarget) -> None:
    stranger, password = f"stranger_{secrets.token_hex(4)}", secrets.token_hex(8)
    async with administering(target) as connection:
        await connection.execute(f"CREATE ROLE {stranger} LOGIN PASSWORD '{password}'")
        try:
            url = database_of(target, "rooms").replace(
                f"{work_role('rooms')}:{target.passwords['rooms'].work}@", f"{stranger}:{password}@"
            )
            with pytest.raises(REFUSED, match=f'database "{NAME}"'):
                await run(url, "SELECT 1")
        finally:
            await connection.execute(f"DROP ROLE {stranger}")
