"""Gauges that are counted in the database at intervals."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.context import MessageContext
from practio_chassis.telemetry.log import failure, logger

EVERY_SECONDS = 15.0
"""The interval, which is Prometheus's usual one."""

_log = logger(__name__)


async def measure(
    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]],
    count: Callable[[MessageContext[Any]], Awaitable[None]],
) -> None:
    """Let ``count`` set gauges until cancelled; while the database is away they keep their values."""
    while True:
        try:
            async with transaction() as context:
                await count(context)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("not counted: the database does not answer", **failure(error))
        await asyncio.sleep(EVERY_SECONDS)
