"""Slots that are held at once: so many of each key, and so many of all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """At most ``each`` slots of a key, and ``most`` of all keys."""

    def __init__(self, *, each: int, most: int) -> None:
        self._each, self._most = each, most
        self._held: Counter[str] = Counter()
        self._total = 0

    @property
    def are_all_held(self) -> bool:
        """Return whether there is no slot free for any key."""
        return self._total >= self._most

    def are_held_of(self, key: str) -> bool:
        """Return whether there is no slot free for this key."""
        return self._held[key] >= self._each

    def is_any_held_of(self, key: str) -> bool:
        """Return whether this key holds a slot."""
        return key in self._held

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold a slot, which there must be, for as long as the block runs."""
        self._total += 1
        self._held[key] += 1
        try:
            yield
        finally:
            self._total -= 1
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
