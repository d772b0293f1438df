"""The connection to PostgreSQL: a pool of sessions with the service's own role and schema."""

import asyncio
import socket
from functools import partial
from typing import cast

import asyncpg
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from practio_chassis.database.connection import UncancelledConnection
from practio_chassis.database.hosts import Hosts
from practio_chassis.database.pool import DroppablePool, watch
from practio_chassis.telemetry.log import failure, logger

_log = logger(__name__)
PATIENCE = 5.0
"""Seconds that a connection and its first answer may take."""

UNANSWERED = (SQLAlchemyError, OSError, TimeoutError)
"""The errors of a database that does not answer, or does not let us in."""

_STATEMENT_SECONDS = 30
STATEMENT_PATIENCE = _STATEMENT_SECONDS + 2.0
"""Seconds that a statement may take: the server ends it earlier, unless it has vanished."""

_KEEPALIVE = {"idle": 5, "interval": 5, "count": 3}
_UNANSWERED_SECONDS = 15
"""Seconds until a connection is given up whose packets nobody acknowledges; TCP alone takes a quarter of an hour."""

_SOCKET_OPTIONS = {
    "TCP_KEEPIDLE": _KEEPALIVE["idle"],
    "TCP_KEEPINTVL": _KEEPALIVE["interval"],
    "TCP_KEEPCNT": _KEEPALIVE["count"],
    "TCP_USER_TIMEOUT": _UNANSWERED_SECONDS * 1000,
}


def engine(url: SecretStr, *, service: str, patience: float | None = STATEMENT_PATIENCE) -> AsyncEngine:
    """Return a pool, which connects on first use. Statements may take 30 s, locks 10 s.

    asyncpg itself parses ``url``: SQLAlchemy does not understand ``sslmode`` and ``sslrootcert``. A statement that has
    no answer after ``patience`` seconds fails, and its connection is dropped.
    """
    pool = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(_connect, Hosts(url.get_secret_value()), service, patience),
        poolclass=DroppablePool,
        hide_parameters=True,
        pool_size=10,
        pool_use_lifo=True,  # a connection that was just used knows its statements and types already
        max_overflow=5,
        pool_timeout=10,
    )
    watch(pool.sync_engine)
    return pool


async def _connect(hosts: Hosts, service: str, patience: float | None) -> asyncpg.Connection:
    connection = await hosts.connect(
        timeout=PATIENCE,
        command_timeout=patience,
        connection_class=UncancelledConnection,
        server_settings={
            "application_name": f"practio-{service}",
            "statement_timeout": f"{_STATEMENT_SECONDS}s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
            "timezone": "UTC",
            # The server drops a service whose host vanished, and with it its locks.
            **{f"tcp_keepalives_{name}": str(value) for name, value in _KEEPALIVE.items()},
            "tcp_user_timeout": f"{_UNANSWERED_SECONDS}s",
        },
    )
    _notice_silence(connection)
    return connection


def _notice_silence(connection: asyncpg.Connection) -> None:
    """Let the client's end, too, notice that the other is gone; asyncpg has no option for it."""
    end = connection._transport.get_extra_info("socket")
    if end.family == socket.AF_UNIX:
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _SOCKET_OPTIONS.items():
        if option := getattr(socket, name, None):  # not every system has all of them
            end.setsockopt(socket.IPPROTO_TCP, option, value)


async def drop_connections(pool: AsyncEngine) -> None:
    """Drop the pool's connections, so that new ones find the server that serves now; those in use end as they are.

    A write refused as read-only and a statement without an answer do so by themselves (``pool.py``).
    """
    cast(DroppablePool, pool.sync_engine.pool).drop()


def session_maker(pool: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return a maker of sessions that flush only explicitly, and keep their objects after a commit."""
    return async_sessionmaker(pool, autoflush=False, expire_on_commit=False)


async def answers(pool: AsyncEngine) -> bool:
    """Return whether the database answers within a few seconds."""
    try:
        async with asyncio.timeout(PATIENCE), pool.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except UNANSWERED as error:
        _log.warning("database does not answer", **failure(error))
        return False
    return True


async def wait_until_it_answers(pool: AsyncEngine) -> None:
    """Wait, as long as it takes, until the database answers; ask every second."""
    while not await answers(pool):  # noqa: ASYNC110 - the database tells nobody when it is back
        await asyncio.sleep(1.0)
