"""The database `practio`, on a private or an external server."""

from urllib.parse import urlsplit

import asyncpg

from practio_chassis.database.hosts import Hosts
from practio_operator.console.errors import OperatorError


async def ensure_database(url: str) -> None:
    """Create the database that an administrator's URL names, if it is missing.

    Raise OperatorError if the server is down or refuses.
    """
    place = urlsplit(url)
    name = place.path.lstrip("/")
    try:
        connection = await Hosts(url).connect(database="postgres", timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        hosts = place.netloc.rpartition("@")[2]
        raise OperatorError(f"The database at {hosts} cannot be used: {error}.") from None
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
