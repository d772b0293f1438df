"""Letters that are decided and reserved before there is a connection for them; they leave soon, or are given back."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from practio_notifications.delivery.decisions import OutgoingLetter


@dataclass(frozen=True, slots=True)
class ReservedLetter:
    """A letter that no other sender claims before ``until``; ``decided_at`` is in seconds of a monotonic clock."""

    letter: OutgoingLetter
    until: datetime
    decided_at: float


class Reserve:
    """The letters that a sender has reserved, in the order in which they leave, and those that it drops instead."""

    def __init__(self) -> None:
        self._letters: deque[ReservedLetter] = deque()
        self._dropped: list[ReservedLetter] = []

    def __len__(self) -> int:
        return len(self._letters)

    @property
    def dropped(self) -> Sequence[ReservedLetter]:
        """Return the letters that were dropped and are still to be given back."""
        return tuple(self._dropped)

    def first(self, count: int) -> Sequence[ReservedLetter]:
        """Return the letters that leave next, at most ``count``."""
        return tuple(islice(self._letters, count))

    def add(self, letters: Iterable[ReservedLetter]) -> None:
        """Reserve letters behind the others."""
        self._letters.extend(letters)

    def drop(self, *, decided_before: float) -> None:
        """Drop the letters that were decided earlier: what they say may no longer be true."""
        while self._letters and self._letters[0].decided_at < decided_before:
            self._dropped.append(self._letters.popleft())

    def forget(self, *, taken: int, given_back: int) -> None:
        """Forget so many of the first letters, which were taken in hand, and so many dropped ones, given back."""
        for _ in range(taken):
            self._letters.popleft()
        del self._dropped[:given_back]
