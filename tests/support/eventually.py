"""Waiting for a condition with a deadline; tests never sleep for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
Saying = str | Callable[[], object]

PAUSE_SECONDS = 0.03


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = 15.0, saying: Saying = "", pause: float = PAUSE_SECONDS
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T | None], *, within: float = 15.0, saying: Saying = "", pause: float = PAUSE_SECONDS
) -> T: ...
async def eventually(
    condition: Callable[[], Any], *, within: float = 15.0, saying: Saying = "", pause: float = PAUSE_SECONDS
) -> Any:
    """Give the first true value of ``condition``, plain or awaitable, asked every ``pause`` seconds.

    After ``within`` seconds it raises AssertionError with what ``saying`` tells.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"not within {within:g} s: {saying() if callable(saying) else saying}")
        await asyncio.sleep(pause)
