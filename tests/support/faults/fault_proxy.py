"""A proxy to a server, whose connections a test cuts, refuses, or leaves without an answer or a FIN."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from yarl import URL

_MOST_AT_ONCE = 65_536
_FOR_EVER = 1 << 62


class FaultProxy:
    """Passes bytes on between clients and one server; clients use ``url``.

    ``passed_bytes`` counts the bytes from the server since the last cut.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.passed_bytes = 0
        self._server = URL(url)
        self._allowed = _FOR_EVER
        self._open: set[asyncio.StreamWriter] = set()
        self._servers: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._unanswered: set[asyncio.StreamWriter] = set()
        self._is_there = True
        self._until_refused = 0
        self._until_hanging: int | None = None
        self._silent = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator["FaultProxy"]:
        """Listen on a port of its own for as long as the block runs."""
        proxy = cls(url)
        listening = await asyncio.start_server(proxy._pass_on, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        proxy.url = str(URL(url).with_host("127.0.0.1").with_port(port))
        async with listening:
            yield proxy
            proxy.cut()

    def cut(self, *, after: int | None = None) -> None:
        """Cut every connection, and the next one once the server has sent ``after`` bytes on it.

        After 0 bytes it ends like one that Docker passes on to a port without a listener: as soon as it is open.
        """
        self.passed_bytes, self._allowed = 0, _FOR_EVER if after is None else after
        for writer in self._open:
            writer.transport.abort()

    def refuse(self, nth: int) -> None:
        """End one connection as soon as it is open: the ``nth`` from now on."""
        self._until_refused = nth

    def hang(self, *, after: int = 0) -> None:
        """Take new connections and stay silent on them, ``after`` so many; those before go on."""
        self._until_hanging = after

    @property
    def is_waited_for(self) -> bool:
        """Return whether a client has a connection on which nobody answers."""
        return self._silent > 0

    def vanish(self) -> None:
        """Let the server's host be gone without a FIN.

        The server's ends of all connections are lost. The clients' ends stay open: what they say is taken, and never
        answered. New connections are accepted and meet the same silence.
        """
        self._is_there = False
        self._unanswered |= set(self._servers)
        for to_server in self._servers.values():
            to_server.transport.abort()

    def reappear(self) -> None:
        """Let the host be there again, for new connections alone: it knows nothing of those before."""
        self._is_there = True

    @property
    def holds(self) -> bool:
        """Return whether the next connection will last: no cut is planned."""
        return self._allowed == _FOR_EVER

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._until_refused -= 1
        if self._allowed == 0 or self._until_refused == 0:
            self._allowed = _FOR_EVER
            to_client.close()
            return
        if not self._is_there or self._until_hanging == 0:
            await self._stay_silent(client, to_client)
            return
        if self._until_hanging is not None:
            self._until_hanging -= 1
        server, to_server = await asyncio.open_connection(self._server.host, self._server.port)
        both = {to_client, to_server}
        self._open |= both
        self._servers[to_client] = to_server
        there = asyncio.create_task(_carry(client, to_server))
        with suppress(OSError):
            while self._allowed and (chunk := await server.read(_MOST_AT_ONCE)):
                to_client.write(self._let_through(chunk))
                await to_client.drain()
        if not self._allowed:
            self._allowed = _FOR_EVER
        there.cancel()
        await asyncio.wait({there})
        del self._servers[to_client]
        self._open -= both
        to_server.close()
        if to_client in self._unanswered:
            await self._stay_silent(client, to_client)
        else:
            to_client.close()

    async def _stay_silent(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Take what a client says until it gives up."""
        self._open.add(to_client)
        self._silent += 1
        with suppress(OSError):
            while await client.read(_MOST_AT_ONCE):
                pass
        self._silent -= 1
        self._open.discard(to_client)
        self._unanswered.discard(to_client)
        to_client.close()

    def _let_through(self, chunk: bytes) -> bytes:
        let_through = chunk[: self._allowed]
        self.passed_bytes += len(let_through)
        if not self.holds:
            self._allowed -= len(let_through)
        return let_through


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_MOST_AT_ONCE):
            writer.write(chunk)
            await writer.drain()
