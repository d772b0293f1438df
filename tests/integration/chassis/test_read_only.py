"""Queries look at one moment and cannot write; what comes after them on the same connection can."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.stack.example_service import ExampleService

from practio_chassis.database.read_only import read_only

_HOW = text(
    "SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS only,"
    " pg_backend_pid() AS connection"
)


async def how(session: AsyncSession) -> Row[Any]:
    return (await session.execute(_HOW)).one()


async def test_a_query_sees_one_moment_and_cannot_write(desk: ExampleService) -> None:
    async with read_only(desk.sessions) as session:
        found = await how(session)
    assert (found.isolation, found.only) == ("repeatable read", "on")


async def test_the_next_transaction_of_the_connection_writes_as_ever(desk: ExampleService) -> None:
    async with read_only(desk.sessions) as session:
        before = await how(session)
    async with desk.sessions() as session:
        after = await how(session)
    assert after.connection == before.connection
    assert (after.isolation, after.only) == ("read committed", "off")
