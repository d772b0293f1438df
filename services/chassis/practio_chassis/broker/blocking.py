"""Connections that RabbitMQ blocks: under a memory or disk alarm it reads nothing more from those that publish.

It says so (``connection.blocked``) once something was published under the alarm. Whatever is written then waits in the
socket until the alarm is over: written again after each timeout, it would be there twice. So publishers wait as long as
the alarm lasts, those that have written something (``within``) and those that have not (``unblocked``).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractRobustConnection

from practio_contracts.blocking import AT_ONCE_SECONDS, publishes_within

_LOOK = 1.0


async def unblocked(connection: AbstractRobustConnection) -> None:
    """Return once the broker does not block ``connection``, or it is lost: the next publish then raises."""
    while not await _publishes_within(_LOOK, connection):
        pass


async def is_blocked(connection: AbstractRobustConnection) -> bool:
    """Return whether the broker blocks a connection; a lost connection is not blocked."""
    return not await _publishes_within(AT_ONCE_SECONDS, connection)


@asynccontextmanager
async def within(seconds: float, connection: AbstractRobustConnection) -> AsyncIterator[None]:
    """Raise TimeoutError if the block takes longer than ``seconds`` in which the broker does not block ``connection``.

    The first look comes after a second: what the broker confirms at once costs no task.
    """
    looking: list[asyncio.Task[None]] = []
    async with asyncio.timeout(seconds) as deadline:

        def look() -> None:
            looking.append(asyncio.create_task(_put_off(deadline, connection)))

        first = asyncio.get_running_loop().call_later(_LOOK, look)
        try:
            yield
        finally:
            first.cancel()
            for task in looking:
                task.cancel()


async def _put_off(deadline: asyncio.Timeout, connection: AbstractRobustConnection) -> None:
    """Put a deadline off, again and again, by the time for which the broker blocks ``connection``."""
    loop = asyncio.get_running_loop()
    looked_at = loop.time() - _LOOK
    while not deadline.expired():
        is_off = await is_blocked(connection)
        before, looked_at = looked_at, loop.time()
        due = deadline.when()
        if is_off and due is not None and not deadline.expired():
            deadline.reschedule(due + looked_at - before)
        await asyncio.sleep(_LOOK)


async def _publishes_within(seconds: float, connection: AbstractRobustConnection) -> bool:
    """Return false if the connection is blocked for so long; one that is lost while it is blocked never tells."""
    transport = connection.transport
    if transport is None or not connection.connected.is_set():
        return True
    return await publishes_within(seconds, transport)
