"""The errors of a connection to the broker that is lost, or cannot be made."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aio_pika.exceptions import CONNECTION_EXCEPTIONS

LOST = CONNECTION_EXCEPTIONS
"""The exceptions of a connection that is lost or cannot be made, and of its channels.

They are more than the errors of AMQP and of the network: aiormq raises ``StopAsyncIteration`` if a connection ended
before the first byte, as a port forwarded by Docker does while nothing listens behind it.
"""


@contextmanager
def in_flight() -> Iterator[None]:
    """Raise ``ConnectionError`` if the connection is cut while the block waits.

    aiormq releases waiting tasks with a bare ``Exception``, or as if they themselves had been cancelled.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionError("the connection was lost meanwhile") from error
    except Exception as error:  # this class alone: every subclass has a meaning and is passed on
        if type(error) is not Exception:
            raise
        raise ConnectionError("the connection was lost meanwhile") from error
