"""The choice of letters that are sent again. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from uuid import UUID

from practio_contracts.notifications import Letter, LetterStatus, ListLetters

RESENT = (LetterStatus.FAILED, LetterStatus.UNKNOWN, LetterStatus.SUPPRESSED)
"""The states of letters that can be sent again."""


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """An operator's filter: a state, and a reason and a kind (``*`` matches anything), a time, a room, a person.

    All of them must match. ``since`` and ``until`` are about when a letter was written.
    """

    status: LetterStatus = LetterStatus.FAILED
    reason: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    room_id: UUID | None = None
    person_id: UUID | None = None

    def query(self, after: str | None) -> ListLetters:
        """Return the query of the page that follows ``after``."""
        return ListLetters(status=self.status, room_id=self.room_id, person_id=self.person_id, limit=500, after=after)

    def fits(self, letter: Letter) -> bool:
        """Return whether a letter of the query's pages is meant."""
        return (
            (self.reason is None or fnmatchcase(letter.reason or "", self.reason))
            and (self.kind is None or fnmatchcase(letter.kind, self.kind))
            and (self.since is None or letter.created_at >= self.since)
            and (self.until is None or letter.created_at < self.until)
        )

    def is_over(self, letter: Letter) -> bool:
        """Return whether all letters that follow this one are too old: they come newest first."""
        return self.since is not None and letter.created_at < self.since


def counted(letters: Iterable[Letter]) -> list[tuple[str, str, int]]:
    """Return kind, reason and number of letters, most letters first."""
    numbers = Counter((letter.kind, letter.reason or "") for letter in letters)
    return [(kind, reason, number) for (kind, reason), number in sorted(numbers.items(), key=lambda each: -each[1])]


def digests_first(letters: Iterable[Letter]) -> tuple[list[Letter], list[Letter]]:
    """Return the digests and the others: a digest that is sent again takes its own letters along."""
    digests: list[Letter] = []
    others: list[Letter] = []
    for letter in letters:
        (digests if letter.kind.endswith("-digest") else others).append(letter)
    return digests, others
