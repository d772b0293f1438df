"""What a connection to the broker raises when it is lost, or cannot be made."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aio_pika.exceptions import CONNECTION_EXCEPTIONS

LOST = CONNECTION_EXCEPTIONS
"""What is raised by a connection that is lost or cannot be made, and by its channels.

It is more than errors of AMQP and of the network: aiormq raises ``StopAsyncIteration`` where a connection was ended
before the first byte, as a port that is passed on by Docker does while nobody listens behind it.
"""


@contextmanager
def in_flight() -> Iterator[None]:
    """Raise ``ConnectionError`` where a cut takes what is on its way.

    aiormq lets those who wait then go with a bare ``Exception``, or as if they themselves had been cancelled.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionError("the connection was lost meanwhile") from error
    except Exception as error:  # its own class alone: everything that says what it is goes on as it is
        if type(error) is not Exception:
            raise
        raise ConnectionError("the connection was lost meanwhile") from error
