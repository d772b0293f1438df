"""A service's periodic work, as data: the chassis calls it, and survives whatever it raises."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select

from practio_chassis.context import MessageContext
from practio_chassis.service import Running


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """Work that a service does ``every`` so many seconds; at once again if ``once`` returns true."""

    name: str
    every: float
    once: Callable[[Running], Awaitable[bool]]

    async def __call__(self, running: Running) -> None:
        """Do the work until cancelled."""
        await running.loops.run(self.name, partial(self.once, running), every=self.every)


def gauges(name: str, count: Callable[[MessageContext[Any]], Awaitable[None]]) -> Periodic:
    """Return the work of counting, in the database, what gauges show: at Prometheus's usual interval."""

    async def once(running: Running) -> bool:
        async with running.transaction() as context:
            await count(context)
        return False

    return Periodic(name=f"gauges of {name}", every=15.0, once=once)


async def leads(context: MessageContext[Any], name: str) -> bool:
    """Return whether this copy alone does the work ``name`` until its transaction ends."""
    lock = func.pg_try_advisory_xact_lock(func.hashtext(name))
    return bool(await context.session.scalar(select(lock)))
