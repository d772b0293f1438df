"""The answers that were sent while a mailbox is read: one that comes again is not a new one."""

from dataclasses import dataclass, field
from uuid import UUID

MOST = 10_000
"""Answers at a time; beyond them, the earliest is forgotten: an answer that comes again comes soon."""


@dataclass(slots=True)
class SentAnswers:
    """The ids of the newest answers that were sent."""

    most: int = MOST
    _ids: dict[UUID, None] = field(default_factory=dict)

    def add(self, identity: UUID) -> bool:
        """Add an answer; return whether it is not among the others."""
        is_new = identity not in self._ids
        self._ids.setdefault(identity)
        if len(self._ids) > self.most:
            del self._ids[next(iter(self._ids))]
        return is_new
