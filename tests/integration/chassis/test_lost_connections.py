"""Connections to the database that lead nowhere are dropped, and others found, without waiting for TCP's own time."""

import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from tests.support.faults.fault_proxy import FaultProxy
from tests.support.stack.servers import Servers
from yarl import URL

from practio_chassis.database.engine import answers, drop_connections, engine

BACKEND = "SELECT pg_backend_pid()"


@pytest_asyncio.fixture
async def way(servers: Servers) -> AsyncIterator[FaultProxy]:
    """Return a way to the database that a test lets vanish."""
    async with FaultProxy.to(servers.urls.database_url) as found:
        yield found


@pytest_asyncio.fixture
async def pool(way: FaultProxy) -> AsyncIterator[AsyncEngine]:
    """Return a pool on that way, whose statements may take a second."""
    found = engine(SecretStr(way.url), service="test", patience=1.0)
    yield found
    way.cut()
    await found.dispose()


async def backend(pool: AsyncEngine) -> int:
    async with pool.connect() as connection:
        return int(await connection.scalar(text(BACKEND)) or 0)


def ends_at(port: int) -> Iterator[socket.socket]:
    """Return this process' own ends of the connections to a port."""
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(number.name))) as end:
            if end.family == socket.AF_INET and end.getpeername()[1] == port:
                yield end


async def test_both_ends_ask_whether_the_other_is_there(pool: AsyncEngine, way: FaultProxy) -> None:
    async with pool.connect() as connection:
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        for end in ends_at(URL(way.url).port or 0):
            assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert [end.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [5, 5, 3, 15_000]
            break
        else:
            pytest.fail("the connection was not found")
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
        assert [await connection.scalar(text(f"SHOW {name}")) for name in names] == ["5", "5", "3", "15000"]


async def test_a_statement_without_an_answer_fails_and_its_connection_is_not_asked_again(
    pool: AsyncEngine, way: FaultProxy
) -> None:
    async with pool.connect() as connection:
        await connection.execute(text("SELECT 1"))
        way.vanish()
        way.reappear()
        with pytest.raises(SQLAlchemyError, match="did not answer in time"):
            await connection.execute(text("SELECT 1"))
        assert connection.invalidated
    assert await answers(pool)


async def test_connections_that_were_idle_are_asked_before_they_are_used(
    pool: AsyncEngine, way: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practio_chassis.database.pool._IDLE_SECONDS", 0.0)
    before = await backend(pool)
    assert await backend(pool) == before
    way.vanish()
    way.reappear()
    assert await backend(pool) != before


async def test_connections_that_were_dropped_are_replaced(pool: AsyncEngine) -> None:
    before = await backend(pool)
    assert await backend(pool) == before
    await drop_connections(pool)
    after = await backend(pool)
    assert after != before
    assert await backend(pool) == after


async def test_a_write_that_is_refused_as_read_only_drops_all_connections(pool: AsyncEngine) -> None:
    async with pool.connect() as one, pool.connect() as other:
        before = {await backend_of(one), await backend_of(other)}
        await one.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await one.execute(text("CREATE TABLE nowhere ()"))
        assert one.invalidated
    async with pool.connect() as one, pool.connect() as other:
        assert not before & {await backend_of(one), await backend_of(other)}


async def backend_of(connection: AsyncConnection) -> int:
    return int(await connection.scalar(text(BACKEND)) or 0)


async def test_a_vanished_host_does_not_stop_the_other_from_answering(servers: Servers, way: FaultProxy) -> None:
    way.vanish()
    there = URL(servers.urls.database_url)
    here = f"127.0.0.1:{URL(way.url).port},{there.host}:{there.port}"
    pool = engine(
        SecretStr(f"postgresql://{there.raw_user}:{there.raw_password}@{here}{there.raw_path}"), service="test"
    )
    assert await answers(pool)
    await pool.dispose()
