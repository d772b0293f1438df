"""Waiting for a condition, never for a fixed time."""

import asyncio
from collections.abc import Awaitable, Callable

from practio_operator.console.errors import OperatorError

PAUSE_SECONDS = 0.1


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float, otherwise: Callable[[], str]) -> None:
    """Return as soon as the condition holds; after `seconds`, raise OperatorError with the text of `otherwise`."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - a condition has no event to wait for
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        raise OperatorError(otherwise()) from None
