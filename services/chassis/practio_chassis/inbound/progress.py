"""Whether the messages of a queue move: readiness depends on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_STUCK = 4


class Progress:
    """Knows the messages in hand of one queue, since when each is, and when the queue last moved.

    ``concurrent``: each message is handled apart from the others, so one may be stuck while others pass it by. Where
    messages are handled in order, the last of those in hand waits for all others, however long that takes.
    """

    def __init__(self, queue: str, *, concurrent: bool = False) -> None:
        self.queue = queue
        self._concurrent = concurrent
        self._in_hand: dict[object, float] = {}
        self._moved_at = time.monotonic()
        self._waiting_for: str | None = None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Note a message as in hand for as long as the block runs."""
        message, now = object(), time.monotonic()
        if not self._in_hand:
            self._moved_at = now
        self._in_hand[message] = now
        try:
            yield
        finally:
            del self._in_hand[message]
            self.note_moving()

    def note_waiting(self, fault: str) -> None:
        """Record that the messages in hand wait until a fault of the database is over."""
        self._waiting_for = fault

    def note_moving(self) -> None:
        """Record that the queue moves: by a message, by one of a batch, or by what its messages wait for elsewhere."""
        self._moved_at, self._waiting_for = time.monotonic(), None

    def stalled(self, *, after: float) -> str | None:
        """Return the queue, and what it waits for, if messages are in hand and it did not move for ``after`` seconds.

        Of messages that are handled concurrently, one in hand for ``_STUCK`` times as long is stuck.
        """
        oldest = next(iter(self._in_hand.values()), None)
        now = time.monotonic()
        is_stuck = oldest is not None and self._concurrent and now - oldest >= after * _STUCK
        if oldest is None or (now - self._moved_at < after and not is_stuck):
            return None
        return f"{self.queue} ({self._waiting_for})" if self._waiting_for else self.queue
