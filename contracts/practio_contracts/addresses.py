"""Which address of the broker's name is spoken to: several nodes of a cluster may stand behind one name."""

import asyncio
import random
import socket
from collections.abc import Iterable
from typing import Any

from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError
from yarl import URL

_ADDRESS_SECONDS = 3.0
"""How long one address may leave a connection unanswered before the next is tried."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class AnyAddress(TransportFactory):
    """Opens the transports of one client, over TCP or TLS, each to another address than the one before if there is one.

    The system's resolver may return addresses in the same order each time, and a hanging node still accepts
    connections: a client that follows that order would come back to it for ever.
    """

    def __init__(self) -> None:
        self._last: str | None = None

    async def create(self, url: URL, **kwargs: Any) -> Streams:
        """Resolve the name again and connect; raise AMQPConnectionError if no address accepts the connection."""
        context = kwargs.pop("ssl_context_provider")
        tls = {"ssl": await context.get_context(), "server_hostname": url.host} if url.scheme == "amqps" else {}
        try:
            return await self._first_that_takes(url, **tls, **kwargs)
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error

    async def _first_that_takes(self, url: URL, **kwargs: Any) -> Streams:
        fault = OSError(f"{url.host} has no address")
        for address in in_turn(await _addresses(url), last=self._last):
            self._last = address
            try:
                async with asyncio.timeout(_ADDRESS_SECONDS):
                    return await asyncio.open_connection(address, url.port, **kwargs)
            except OSError as error:  # a timeout is one
                fault = error
        raise fault


def in_turn(addresses: Iterable[str], *, last: str | None) -> list[str]:
    """Return addresses, each once, in random order, with the one that was tried last at the end."""
    found = list(dict.fromkeys(addresses))
    random.shuffle(found)
    return sorted(found, key=lambda address: address == last)


async def _addresses(url: URL) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]
