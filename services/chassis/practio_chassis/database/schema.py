"""The wait of a service for its schema, which its migrations make."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database import engine
from practio_chassis.telemetry.log import failure, logger

_LOOK_SECONDS = 1.0
_log = logger(__name__)


async def wait_for_schema(pool: AsyncEngine, *, service: str) -> None:
    """Wait, as long as it takes, until the database answers and has the schema of a service."""
    while not await _has_schema(pool, service):  # noqa: ASYNC110 - the database tells nobody when it is there
        await asyncio.sleep(_LOOK_SECONDS)


async def _has_schema(pool: AsyncEngine, service: str) -> bool:
    try:
        async with asyncio.timeout(engine.PATIENCE), pool.connect() as connection:
            if await connection.scalar(text("SELECT to_regclass('outbox')")) is not None:
                return True
    except engine.UNANSWERED as error:
        _log.warning("database does not answer", **failure(error))
    else:
        _log.warning(f"the schema is not there yet: run python -m practio_{service} migrate")
    return False
