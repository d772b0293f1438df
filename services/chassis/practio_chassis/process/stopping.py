"""The end of a process: the signals that ask for it, and work that is given up for it."""

import asyncio
import signal
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set, within the running loop."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def unless(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """Return the result of ``work``; if ``stop`` is set before it is there, cancel the work and return None."""
    working, stopping = asyncio.ensure_future(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
