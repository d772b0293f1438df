"""Connections that RabbitMQ blocks: under a memory or disk alarm it reads nothing more from those that publish.

It says so (``connection.blocked``) once something was published under the alarm. Whatever is written then waits in the
socket: it would time out and be written again, as long as the alarm lasts. So publishers wait until it is over.
"""

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


async def _publishes_within(seconds: float, connection: AbstractRobustConnection) -> bool:
    """Return false if the connection is blocked for so long; one that is lost while it is blocked never tells."""
    transport = connection.transport
    if transport is None or not connection.connected.is_set():
        return True
    return await publishes_within(seconds, transport)
