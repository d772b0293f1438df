"""Waiting for a condition with a deadline; tests never sleep for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
Message = str | Callable[[], object]

PAUSE_SECONDS = 0.03
STARTING_SECONDS = 0.1
"""The pause while something starts, which takes seconds: to ask more often takes the time that it needs itself."""


@overload
async def eventually(
    condition: Callable[[], Awaitable[T | None]],
    *,
    within: float = 15.0,
    message: Message = "",
    pause: float = PAUSE_SECONDS,
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T | None], *, within: float = 15.0, message: Message = "", pause: float = PAUSE_SECONDS
) -> T: ...
async def eventually(
    condition: Callable[[], Any], *, within: float = 15.0, message: Message = "", pause: float = PAUSE_SECONDS
) -> Any:
    """Return the first true value of ``condition``, plain or awaitable, called every ``pause`` seconds.

    Raise AssertionError with ``message`` after ``within`` seconds.
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
            raise AssertionError(f"not within {within:g} s: {message() if callable(message) else message}")
        await asyncio.sleep(pause)
