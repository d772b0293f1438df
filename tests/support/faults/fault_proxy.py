"""A way to the broker that a test cuts: at once, or after so many bytes of what the broker says next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from yarl import URL

_MOST_AT_ONCE = 65_536
_FOR_EVER = 1 << 62


class Cutting:
    """Passes bytes on between clients and one server; ``url`` leads through it.

    ``said`` counts the bytes that the server has said since the last cut.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.said = 0
        self._server = URL(url)
        self._allowed = _FOR_EVER
        self._open: set[asyncio.StreamWriter] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator["Cutting"]:
        """Listen on a port of its own for as long as the block runs."""
        way = cls(url)
        listening = await asyncio.start_server(way._pass_on, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        way.url = str(URL(url).with_host("127.0.0.1").with_port(port))
        async with listening:
            yield way
            way.cut()

    def cut(self, *, after: int | None = None) -> None:
        """Cut every connection, and the next one once the server has said ``after`` bytes on it.

        After 0 bytes it ends like one that Docker passes on to a port where nobody listens: as soon as it is there.
        """
        self.said, self._allowed = 0, _FOR_EVER if after is None else after
        for writer in self._open:
            writer.transport.abort()

    @property
    def holds(self) -> bool:
        """Say whether the next connection will hold: none is left to be cut."""
        return self._allowed == _FOR_EVER

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self._allowed == 0:
            self._allowed = _FOR_EVER
            to_client.close()
            return
        server, to_server = await asyncio.open_connection(self._server.host, self._server.port)
        both = {to_client, to_server}
        self._open |= both
        there = asyncio.create_task(_carry(client, to_server))
        with suppress(OSError):
            while self._allowed and (said := await server.read(_MOST_AT_ONCE)):
                to_client.write(self._let_through(said))
                await to_client.drain()
        if not self._allowed:
            self._allowed = _FOR_EVER
        there.cancel()
        self._open -= both
        for writer in both:
            writer.close()

    def _let_through(self, said: bytes) -> bytes:
        let_through = said[: self._allowed]
        self.said += len(let_through)
        if not self.holds:
            self._allowed -= len(let_through)
        return let_through


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(_MOST_AT_ONCE):
            writer.write(said)
            await writer.drain()
