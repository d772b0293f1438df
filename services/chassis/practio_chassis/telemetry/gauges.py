"""What is counted in the database now and then, for the gauges of a service."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.context import MessageContext
from practio_chassis.telemetry.log import failure, logger

EVERY_SECONDS = 15.0
"""How often it is counted, which is how often Prometheus usually asks."""

_log = logger(__name__)


async def measure(
    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]],
    count: Callable[[MessageContext[Any]], Awaitable[None]],
) -> None:
    """Have ``count`` set gauges until cancelled; while the database is away they stay as they were."""
    while True:
        try:
            async with transaction() as context:
                await count(context)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("not counted: the database does not answer", **failure(error))
        await asyncio.sleep(EVERY_SECONDS)
