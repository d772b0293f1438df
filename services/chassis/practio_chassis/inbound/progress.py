"""Whether the messages of a queue move: readiness depends on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Counts the messages in hand of one queue, and knows when the last of them was finished."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self._in_hand = 0
        self._moved_at = time.monotonic()
        self._waiting_for: str | None = None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Count a message as in hand for as long as the block runs."""
        if self._in_hand == 0:
            self._moved_at = time.monotonic()
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1
            self._moved_at = time.monotonic()
            self._waiting_for = None

    def note_waiting(self, fault: str) -> None:
        """Record that the messages in hand wait until a fault of the database is over."""
        self._waiting_for = fault

    def stalled(self, *, after: float) -> str | None:
        """Return the queue, and what it waits for, if no message in hand was finished for ``after`` seconds."""
        if self._in_hand == 0 or time.monotonic() - self._moved_at < after:
            return None
        return f"{self.queue} ({self._waiting_for})" if self._waiting_for else self.queue
