"""What everybody may read, kept for a moment: many readers of a feed cost the services as much as one."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

MOST_KEYS = 64
"""Answers at a time; beyond them, the one that was asked for longest ago is forgotten."""


@dataclass(slots=True)
class RecentAnswers:
    """Answers that are at most ``seconds`` old; those that fail are not kept."""

    seconds: float = 60.0
    most_keys: int = MOST_KEYS
    clock: Callable[[], float] = monotonic
    _kept: OrderedDict[str, tuple[float, asyncio.Task[Any]]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)

    async def get(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer for a key; ask once, however many wait for it. Raise what ``ask`` raises."""
        kept = self._kept.get(key)
        if kept is None or kept[0] <= self.clock():
            kept = self.clock() + self.seconds, asyncio.ensure_future(_asked(ask))
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self.most_keys:
                self._kept.popitem(last=False)
        task = kept[1]
        try:
            # A reader who leaves takes the answer from nobody else.
            answer: T = await asyncio.shield(task)
        finally:
            if task.done() and (task.cancelled() or task.exception()) and self._kept.get(key) is kept:
                del self._kept[key]
        return answer


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
