"""The choice of dead letters, and their age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from practio_operator.dead_letters.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """An operator's filter: ids, a queue, messages (``*`` matches anything), a reason; all of them must match."""

    ids: frozenset[str] = frozenset()
    queue: str | None = None
    message: str | None = None
    reason: str | None = None

    def apply(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Return the dead letters that match; all of them without a filter."""
        return [letter for letter in letters if self._fits(letter)]

    def _fits(self, letter: DeadLetter) -> bool:
        return (
            (not self.ids or letter.id in self.ids)
            and self.queue in (None, letter.queue)
            and (self.message is None or fnmatchcase(letter.routing_key, self.message))
            and self.reason in (None, letter.reason)
        )


def age_of(since: str, *, now: datetime) -> str:
    """Return how long ago an instant (RFC 3339) was, in its largest unit; empty if it is not known."""
    try:
        seconds = int((now - datetime.fromisoformat(since)).total_seconds())
    except (ValueError, TypeError):
        return ""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{max(seconds, 0)} s"
