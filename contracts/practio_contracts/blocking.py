"""Whether the broker blocks a connection: under an alarm of memory or disk it reads nothing more of a publisher."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol

AT_ONCE_SECONDS = 0.05
"""Whether a connection is blocked is known without waiting, but only to a coroutine that gets its turn."""


class Transport(Protocol):
    """A connection of the client library, below."""

    def ready(self) -> Awaitable[object]:
        """Return once the broker does not block the connection; it may be lost meanwhile, and never return."""


async def publishes_within(seconds: float, transport: Transport) -> bool:
    """Return false if a connection is blocked for so long."""
    try:
        async with asyncio.timeout(seconds):
            await transport.ready()
    except TimeoutError:
        return False
    return True
