"""The database `practio` on whatever server."""

from urllib.parse import urlsplit

import asyncpg

from practio_operator.errors import OperatorError


async def ensure_database(url: str) -> None:
    """Create the database that an administrator's URL names, if it is missing.

    Raise OperatorError if the server is down or refuses.
    """
    place = urlsplit(url)
    name = place.path.lstrip("/")
    try:
        connection = await asyncpg.connect(url, database="postgres", timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise OperatorError(f"The database at {place.hostname}:{place.port or 5432} cannot be used: {error}.") from None
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
