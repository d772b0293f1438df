"""A connection between a service and a server that can be cut, black-holed and slowed while it is used."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from yarl import URL

_MOST_AT_ONCE = 65_536
SLOW_SECONDS = 0.3
_RESET = struct.pack("ii", 1, 0)
"""Linger for no time: the connection ends with a reset."""


class ConnectionProxy:
    """Passes bytes on between clients and one server.

    In a black hole nothing passes, no end of a connection either, and what was sent meanwhile arrives once it is over,
    as TCP's repetitions do. A slow proxy holds each piece up for 0.3 s, in both directions.
    """

    def __init__(self, url: str) -> None:
        self._server = URL(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.slow = False
        self._port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator["ConnectionProxy"]:
        """Listen on a port of its own for as long as the block runs."""
        proxy = cls(url)
        listening = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy._port = listening.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            listening.close()
            for task in proxy._passing:
                task.cancel()
            proxy.cut()

    def through(self, url: str) -> str:
        """Return a URL of the same server that leads through this proxy."""
        return str(URL(url, encoded=True).with_host("127.0.0.1").with_port(self._port))

    def cut(self) -> None:
        """Reset every connection; the next one holds."""
        for writer in self._open:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    def black_hole(self) -> None:
        """Let nothing pass from now on."""
        self._flows.clear()

    def heal(self) -> None:
        """Let everything pass, at once."""
        self.slow = False
        self._flows.set()

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        try:
            await self._pass_on(client, to_client)
        except (OSError, asyncio.CancelledError):
            to_client.transport.abort()
        finally:
            self._passing.discard(task)

    async def _pass_on(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        server, to_server = await asyncio.open_connection(self._server.host, self._server.port)
        both = {to_client, to_server}
        self._open |= both
        ways = [asyncio.create_task(self._carry(*each)) for each in ((client, to_server), (server, to_client))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await self._flows.wait()
        finally:
            for way in ways:
                way.cancel()
            self._open -= both
            for writer in both:
                writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while sent := await reader.read(_MOST_AT_ONCE):
                await self._flows.wait()
                if self.slow:
                    await asyncio.sleep(SLOW_SECONDS)
                writer.write(sent)
                await writer.drain()
