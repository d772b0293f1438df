"""The pool hands out the connection that was used last: it knows its statements and types already."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_rooms.app import SERVICE as ROOMS


async def _backend(connection: AsyncConnection) -> int:
    return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_work_that_comes_one_after_the_other_keeps_one_connection(servers: Servers) -> None:
    async with migrated_database(servers, ROOMS) as url:
        pool = engine.engine(url, service=ROOMS.name)
        async with pool.connect() as first, pool.connect() as second:
            assert await _backend(first) != await _backend(second)
        used = []
        for _ in range(4):
            async with pool.connect() as connection:
                used.append(await _backend(connection))
        await pool.dispose()
    assert len(set(used)) == 1
