"""A service's periodic work, as data: the chassis calls it, and survives whatever it raises."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select

from practio_chassis.context import MessageContext
from practio_chassis.service import Running

USUAL_PAUSE = 15.0
"""Seconds between two counts of what gauges show: Prometheus's usual interval."""

LONGEST_PAUSE = 300.0

_TIMES_AS_LONG = 200
"""So much longer than counting is the pause after it: counting takes half a percent of one connection's time."""


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """Work that a service does ``every`` so many seconds; at once again if ``once`` returns true."""

    name: str
    every: float
    once: Callable[[Running], Awaitable[bool]]

    async def __call__(self, running: Running) -> None:
        """Do the work until cancelled."""
        await running.loops.run(self.name, partial(self.once, running), every=self.every)


def gauges(
    name: str, count: Callable[[MessageContext[Any]], Awaitable[None]], *, longest_pause: float = LONGEST_PAUSE
) -> Periodic:
    """Return the work of counting, in the database, what gauges show: every 15 s, and less often if it takes long.

    ``longest_pause``: 15 s if alerts need the gauges; what they count is then to have a bound of its own.
    """

    async def once(running: Running) -> bool:
        begun = time.monotonic()
        async with running.transaction() as context:
            await count(context)
        await asyncio.sleep(pause_after(time.monotonic() - begun, longest_pause) - USUAL_PAUSE)
        return False

    return Periodic(name=f"gauges of {name}", every=USUAL_PAUSE, once=once)


def pause_after(seconds: float, longest: float = LONGEST_PAUSE) -> float:
    """Return how long to pause after counting took so many seconds."""
    return min(longest, max(USUAL_PAUSE, seconds * _TIMES_AS_LONG))


async def leads(context: MessageContext[Any], name: str) -> bool:
    """Return whether this copy alone does the work ``name`` until its transaction ends."""
    lock = func.pg_try_advisory_xact_lock(func.hashtext(name))
    return bool(await context.session.scalar(select(lock)))
