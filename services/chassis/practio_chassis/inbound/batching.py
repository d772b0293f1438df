"""Collects arriving messages, in order, into batches: a lone message is handled at once, many together.

Long work is done in chunks, each by an internal command that continues it. Such a command lets all others go first
and rests after each chunk, so that thousands of memberships that end do not hold up the commands of other rooms.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

_RECENT_SECONDS = 1.0
"""How far the number of recent messages looks back."""

_FEW, _BUSY = 50, 100
"""Recent messages up to which no batch waits, and from which one waits for the whole of its time."""

_LONGEST_REST = 0.25
"""Seconds after which long work goes on, whatever else waits."""


class Batcher(Generic[T]):
    """Passes everything that has arrived to ``run``, at most ``most`` messages at a time, one batch after the other.

    ``count`` says how many messages an item stands for; one that stands for more than ``most`` is a batch of its own.

    A batch that is not full waits for more items, at most ``gather_seconds``: the whole time if a hundred others came
    within the last second, for fewer as much less, and not at all for up to fifty: gathered, they would save little.

    An item that ``continues`` long work is in no batch with others. It waits as long as the chunk before it took, and
    then until nothing else waits, but no more than a quarter of a second in all.
    """

    def __init__(
        self,
        run: Callable[[list[T]], Awaitable[None]],
        *,
        most: int,
        gather_seconds: float = 0.0,
        count: Callable[[T], int] = lambda _: 1,
        continues: Callable[[T], bool] = lambda _: False,
    ) -> None:
        self._run = run
        self._most = most
        self._count = count
        self._continues = continues
        self._gather_seconds = gather_seconds
        self._waiting: deque[tuple[T, asyncio.Future[None]]] = deque()
        self._messages = 0
        self._long_work: deque[tuple[T, asyncio.Future[None]]] = deque()
        self._rested_at = self._overdue_at = 0.0
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._recent: deque[tuple[float, int]] = deque()

    async def add(self, item: T) -> None:
        """Add ``item``, and return when its batch is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._continues(item):
            if not self._long_work:
                self._overdue_at = time.monotonic() + _LONGEST_REST
            self._long_work.append((item, done))
        else:
            self._waiting.append((item, done))
            self._messages += self._count(item)
            if self._messages >= self._most:
                self._full.set()
        self._arrived.set()
        await done

    async def run_once(self) -> None:
        """Wait for items and run one batch; raise what ``run`` raises, and so does every ``add`` of that batch."""
        while not (self._waiting or self._has_rested()):
            await self._wait_for_any()
        await asyncio.sleep(0)  # lets in what the socket has already received
        if self._has_rested() and (not self._waiting or time.monotonic() >= self._overdue_at):
            await self._run_long_work()
            return
        await self._wait_for_more()
        before, batch = self._messages, self._take()
        if self._messages < self._most:
            self._full.clear()
        self._recent.append((time.monotonic(), before - self._messages))
        await self._run_one(batch)

    def _has_rested(self) -> bool:
        return bool(self._long_work) and time.monotonic() >= self._rested_at

    async def _wait_for_any(self) -> None:
        """Wait until something arrives, or until long work that waits has rested."""
        self._arrived.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rested_at - time.monotonic() if self._long_work else None):
                await self._arrived.wait()

    async def _run_long_work(self) -> None:
        """Run the items that continue long work, and rest for as long as that took."""
        batch = [self._long_work.popleft() for _ in range(min(len(self._long_work), self._most))]
        began_at = time.monotonic()
        try:
            await self._run_one(batch)
        finally:
            now = time.monotonic()
            self._rested_at = now + min(now - began_at, _LONGEST_REST)
            self._overdue_at = now + _LONGEST_REST

    def _take(self) -> list[tuple[T, asyncio.Future[None]]]:
        """Return the items of the next batch, in order; take them from those that wait."""
        batch: list[tuple[T, asyncio.Future[None]]] = []
        left = self._most
        while self._waiting and (not batch or self._count(self._waiting[0][0]) <= left):
            batch.append(self._waiting.popleft())
            left -= self._count(batch[-1][0])
        self._messages -= self._most - left
        return batch

    async def _wait_for_more(self) -> None:
        """Wait until the batch is full, or for as long as the recent load makes others likely to come."""
        seconds = self._gather_seconds * min(1.0, (self._others() - _FEW) / (_BUSY - _FEW))
        if seconds > 0.0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._full.wait()

    def _others(self) -> int:
        """Return how many messages came within the last second, beside the first that waits now."""
        since = time.monotonic() - _RECENT_SECONDS
        while self._recent and self._recent[0][0] < since:
            self._recent.popleft()
        return sum(count for _, count in self._recent) + self._messages - 1

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
