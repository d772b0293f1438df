"""Collects arriving messages, in order, into batches: a lone message is handled at once, several together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """Passes everything that has arrived to ``run``, at most ``most`` items at a time, one batch after the other.

    If several items have arrived, but fewer than ``most``, it waits ``linger`` seconds for more.
    """

    def __init__(self, run: Callable[[list[T]], Awaitable[None]], *, most: int, linger: float = 0.0) -> None:
        self._run = run
        self._most = most
        self._linger = linger
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    async def add(self, item: T) -> None:
        """Add ``item``, and return when its batch is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        self._arrived.set()
        await done

    async def run_once(self) -> None:
        """Wait for items and run one batch; raise what ``run`` raises, and so does every ``add`` of that batch."""
        await self._arrived.wait()
        await asyncio.sleep(0)  # lets in what the socket has already received
        if 1 < len(self._waiting) < self._most:
            await asyncio.sleep(self._linger)
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if not self._waiting:
            self._arrived.clear()
        await self._run_one(batch)

    async def _run_one(self, batch: list[tuple[T, asyncio.Future[None]]]) -> None:
        waiting = [done for _, done in batch]
        try:
            await self._run([item for item, _ in batch])
        except Exception as error:
            for done in waiting:
                if not done.cancelled():
                    done.set_exception(error)
            raise
        for done in waiting:
            if not done.cancelled():
                done.set_result(None)
