"""Counts the events that an outside account receives, in a process of its own.

A room that is cancelled makes thousands of events in bursts. Read by the process that measures answers, they would hold
up what is measured.
"""

import asyncio
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

_READY_SECONDS = 60.0


@dataclass(frozen=True)
class EventCounter:
    """A running process that counts, and the pipe on which it is asked."""

    _pipe: Connection

    async def counted(self, routing_keys: Sequence[str], room_id: str) -> tuple[int, float]:
        """Return how many of these events of a room have come, and when the last did (``time.perf_counter``)."""
        return await asyncio.to_thread(self._ask, routing_keys, room_id)

    def _ask(self, routing_keys: Sequence[str], room_id: str) -> tuple[int, float]:
        self._pipe.send((routing_keys, room_id))
        count, last_at = self._pipe.recv()
        return count, last_at


@asynccontextmanager
async def event_counter(url: str, queue: str) -> AsyncIterator[EventCounter]:
    """Start the process for as long as the block runs; it is ready when the block begins."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_count, args=(url, queue, theirs), daemon=True)
    process.start()
    try:
        if not await asyncio.to_thread(ours.poll, _READY_SECONDS):
            raise TimeoutError(f"nobody counts the events of {queue} yet")
        ours.recv()
        yield EventCounter(ours)
    finally:
        process.kill()
        process.join()


def _count(url: str, queue: str, pipe: Connection) -> None:
    uvloop.run(_Counting(pipe).run(url, queue))


class _Counting:
    """What the process has counted, by routing key and room."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._counts: Counter[tuple[str, str]] = Counter()
        self._last_at: dict[tuple[str, str], float] = {}

    async def run(self, url: str, queue: str) -> None:
        """Count until the process is killed."""
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            events = await channel.get_queue(queue, ensure=False)
            await events.consume(self._take, no_ack=True)
            asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._reply)
            self._pipe.send("ready")
            await asyncio.Event().wait()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        data = json.loads(message.body)["data"]
        about = data.get("membership") or data
        pair = (message.routing_key or "", about.get("room_id", ""))
        self._counts[pair] += 1
        self._last_at[pair] = time.perf_counter()

    def _reply(self) -> None:
        routing_keys, room_id = self._pipe.recv()
        pairs = [(routing_key, room_id) for routing_key in routing_keys]
        last_at = max((self._last_at[pair] for pair in pairs if pair in self._last_at), default=0.0)
        self._pipe.send((sum(self._counts[pair] for pair in pairs), last_at))
