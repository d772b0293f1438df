"""Whether the messages of a queue move: readiness depends on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_STUCK = 4


class Progress:
    """Knows the messages in hand of one queue, since when each is, and when the last of them was finished."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
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
            self._moved_at = time.monotonic()
            self._waiting_for = None

    def note_waiting(self, fault: str) -> None:
        """Record that the messages in hand wait until a fault of the database is over."""
        self._waiting_for = fault

    def note_moving(self) -> None:
        """Record that the messages in hand wait for what moves elsewhere, however long."""
        now = time.monotonic()
        self._moved_at, self._in_hand = now, dict.fromkeys(self._in_hand, now)

    def stalled(self, *, after: float) -> str | None:
        """Return the queue, and what it waits for, if no message in hand was finished for ``after`` seconds.

        A message that is in hand for ``_STUCK`` times as long is stuck, however many pass it by.
        """
        oldest = next(iter(self._in_hand.values()), None)
        now = time.monotonic()
        if oldest is None or (now - self._moved_at < after and now - oldest < after * _STUCK):
            return None
        return f"{self.queue} ({self._waiting_for})" if self._waiting_for else self.queue
