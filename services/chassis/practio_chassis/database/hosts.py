"""Connects to the database on whichever of its hosts serves: a primary, or the standby that became one."""

from typing import Any

import asyncpg

from practio_chassis.database.urls import each_host, with_attributes

_NEXT_HOST = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.TargetServerAttributeNotMatched,
)


class Hosts:
    """The hosts of one database; the one that served last is asked first.

    asyncpg asks them within one common timeout: a host that vanished would use up all of it.
    """

    def __init__(self, url: str) -> None:
        self._urls = each_host(with_attributes(url))

    async def connect(self, *, timeout: float, **options: Any) -> asyncpg.Connection:  # noqa: ASYNC109 - as asyncpg
        """Connect to the first host that serves, within ``timeout`` seconds; ``options`` are asyncpg's.

        Raise what the last host raised.
        """
        each = timeout / len(self._urls)
        lost: Exception = ConnectionError("the database has no host")
        for url in list(self._urls):
            try:
                connection = await asyncpg.connect(url, timeout=each, **options)
            except asyncpg.exceptions.TargetServerAttributeNotMatched as error:
                lost = ConnectionError(str(error))
            except _NEXT_HOST as error:
                lost = error
            else:
                self._urls = [url, *(other for other in self._urls if other != url)]
                return connection
        raise lost
