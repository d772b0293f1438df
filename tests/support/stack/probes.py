"""Whether a server answers."""

from collections.abc import Awaitable, Callable

import aio_pika
import asyncpg

from practio_operator.stack.servers import Servers as Urls

Probe = Callable[[], Awaitable[bool]]


def database_of(urls: Urls) -> Probe:
    """Return the function that checks whether the database accepts connections."""

    async def answers() -> bool:
        try:
            connection = await asyncpg.connect(urls.database_url, timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    return answers


def broker_of(urls: Urls) -> Probe:
    """Return the function that checks whether the broker accepts connections to its vhost."""

    async def answers() -> bool:
        try:
            connection = await aio_pika.connect(urls.broker_url, timeout=5)
        except (OSError, TimeoutError, aio_pika.exceptions.AMQPError):
            return False
        await connection.close()
        return True

    return answers
