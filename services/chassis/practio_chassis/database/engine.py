"""The connection to PostgreSQL: a pool of sessions with the service's own role and schema."""

import asyncio
from functools import partial

import asyncpg
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from practio_chassis.telemetry.log import failure, logger

_log = logger(__name__)
_PATIENCE = 5.0


def engine(url: SecretStr, *, service: str) -> AsyncEngine:
    """Return a pool, which connects on first use. Statements may take 30 s, locks 10 s.

    asyncpg itself parses ``url``: SQLAlchemy does not understand ``sslmode`` and ``sslrootcert``.
    """
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(_connect, url, service),
        hide_parameters=True,
        pool_size=10,
        max_overflow=5,
        pool_timeout=10,
    )


async def _connect(url: SecretStr, service: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        url.get_secret_value(),
        timeout=_PATIENCE,
        server_settings={
            "application_name": f"practio-{service}",
            "statement_timeout": "30000",
            "lock_timeout": "10000",
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "UTC",
        },
    )


def session_maker(pool: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return a maker of sessions that flush only explicitly, and keep their objects after a commit."""
    return async_sessionmaker(pool, autoflush=False, expire_on_commit=False)


async def answers(pool: AsyncEngine) -> bool:
    """Return whether the database answers within a few seconds."""
    try:
        async with asyncio.timeout(_PATIENCE), pool.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        _log.warning("database does not answer", **failure(error))
        return False
    return True


async def wait_until_it_answers(pool: AsyncEngine) -> None:
    """Wait, as long as it takes, until the database answers; ask every second."""
    while not await answers(pool):  # noqa: ASYNC110 - the database tells nobody when it is back
        await asyncio.sleep(1.0)
