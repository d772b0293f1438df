"""A mail server that takes every letter and keeps none, lean, in a process of its own: it is never what is waited for.

It counts letters in memory that it shares with who started it, with the times of the first and the last.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import Structure, c_double, c_long
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import uvloop
from tests.support.stack.mailbox import HOST

_END = b"\r\n.\r\n"


class Tally(Structure):
    """How many letters came, their bytes, and when the first and the last did (monotonic seconds)."""

    _fields_ = (("count", c_long), ("size", c_long), ("first", c_double), ("last", c_double))


class _Line(asyncio.Protocol):
    """One connection (RFC 5321); whatever is asked, the answer is yes."""

    def __init__(self, tally: Any) -> None:
        self._tally = tally
        self._read = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._read += data
        while True:
            end = _END if self._in_data else b"\r\n"
            said, found, rest = self._read.partition(end)
            if not found:
                return
            self._read = rest
            self._transport.write(self._letter(said) if self._in_data else self._answer(said))

    def _answer(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"DATA":
                self._in_data = True
                return b"354 Go on\r\n"
            case b"QUIT":
                return b"221 Bye\r\n"
            case _:
                return b"250 OK\r\n"

    def _letter(self, content: bytes) -> bytes:
        self._in_data = False
        tally, now = self._tally, time.monotonic()
        tally.first = tally.first or now
        tally.last, tally.count, tally.size = now, tally.count + 1, tally.size + len(content)
        return b"250 Kept\r\n"


@dataclass(frozen=True)
class PostOffice:
    """A mail server that is open on ``port``."""

    port: int
    _tally: "Synchronized[Any]"

    @property
    def count(self) -> int:
        """Give how many letters came since the last emptying."""
        return int(self._tally.get_obj().count)

    @property
    def size(self) -> int:
        """Give how many bytes a letter had on average."""
        found = self._tally.get_obj()
        return int(found.size / found.count)

    @property
    def rate(self) -> float:
        """Give letters a second, from the first to the last."""
        found = self._tally.get_obj()
        return float((found.count - 1) / (found.last - found.first))

    def empty(self) -> None:
        """Count from nothing."""
        found = self._tally.get_obj()
        found.count, found.size, found.first, found.last = 0, 0, 0.0, 0.0


@contextmanager
def open_post_office(port: int) -> Iterator[PostOffice]:
    """Start a mail server for as long as the context lasts."""
    processes = multiprocessing.get_context("spawn")
    tally: Any = processes.Value(Tally)
    process = processes.Process(target=_serve, args=(port, tally), daemon=True)
    process.start()
    try:
        yield PostOffice(port, tally)
    finally:
        process.kill()
        process.join()


def _serve(port: int, tally: Any) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Line(tally.get_obj()), HOST, port)
        await server.serve_forever()

    uvloop.run(serve())
