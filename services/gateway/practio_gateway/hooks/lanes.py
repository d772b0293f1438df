"""Order by subject: the items of one subject one after the other, those of different subjects side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """Works on items in order of their subject, once started; who adds them bounds how many there are."""

    def __init__(self, work: Callable[[T], Awaitable[None]]) -> None:
        self._work = work
        self._waiting: dict[str, deque[T]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_started = False

    def start(self) -> None:
        """Begin with what was added."""
        self._is_started = True
        for subject in self._waiting:
            self._tasks[subject] = asyncio.create_task(self._run(subject))

    def add(self, subject: str, item: T) -> None:
        """Add an item behind those of its subject."""
        self._waiting.setdefault(subject, deque()).append(item)
        if self._is_started and subject not in self._tasks:
            self._tasks[subject] = asyncio.create_task(self._run(subject))

    async def finish(self, *, within: float) -> None:
        """Begin no other item, and wait until those in progress are done; those that are not are cancelled."""
        for waiting in self._waiting.values():
            waiting.clear()
        if tasks := list(self._tasks.values()):
            _, late = await asyncio.wait(tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, subject: str) -> None:
        waiting = self._waiting[subject]
        try:
            while waiting:
                await self._work(waiting.popleft())
        finally:
            del self._waiting[subject], self._tasks[subject]
