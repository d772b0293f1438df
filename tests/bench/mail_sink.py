"""A lean mail server that accepts every letter and stores none, in its own process, so that it is never the bottleneck.

It counts letters in memory that it shares with its parent process, with the times of the first and the last.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import Structure, c_double, c_long
from dataclasses import dataclass
from typing import Any

import uvloop
from tests.support.stack.mailbox import HOST

_END = b"\r\n.\r\n"


class Counters(Structure):
    """How many letters came, their bytes, and when the first and the last did (monotonic seconds)."""

    _fields_ = (("count", c_long), ("size", c_long), ("first", c_double), ("last", c_double))


class _Connection(asyncio.Protocol):
    """One connection (RFC 5321); every command is accepted."""

    def __init__(self, counters: Any) -> None:
        self._tally = counters
        self._read = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._read += data
        while True:
            end = _END if self._in_data else b"\r\n"
            line, found, rest = self._read.partition(end)
            if not found:
                return
            self._read = rest
            self._transport.write(self._letter(line) if self._in_data else self._answer(line))

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
        counters, now = self._tally, time.monotonic()
        counters.first = counters.first or now
        counters.last, counters.count, counters.size = now, counters.count + 1, counters.size + len(content)
        return b"250 Kept\r\n"


@dataclass(frozen=True)
class MailSink:
    """A mail server that is open on ``port``."""

    port: int
    _tally: Any

    @property
    def count(self) -> int:
        """Return how many letters came since the last emptying."""
        return int(self._tally.get_obj().count)

    @property
    def size(self) -> int:
        """Return how many bytes a letter had on average."""
        found = self._tally.get_obj()
        return int(found.size / found.count)

    @property
    def rate(self) -> float:
        """Return letters a second, from the first to the last."""
        found = self._tally.get_obj()
        return float((found.count - 1) / (found.last - found.first))

    def empty(self) -> None:
        """Count from nothing."""
        found = self._tally.get_obj()
        found.count, found.size, found.first, found.last = 0, 0, 0.0, 0.0


@contextmanager
def open_mail_sink(port: int) -> Iterator[MailSink]:
    """Start a mail server for as long as the context lasts."""
    processes = multiprocessing.get_context("spawn")
    counters: Any = processes.Value(Counters)
    process = processes.Process(target=_serve, args=(port, counters), daemon=True)
    process.start()
    try:
        yield MailSink(port, counters)
    finally:
        process.kill()
        process.join()


def _serve(port: int, counters: Any) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(counters.get_obj()), HOST, port)
        await server.serve_forever()

    uvloop.run(serve())
