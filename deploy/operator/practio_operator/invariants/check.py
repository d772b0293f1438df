"""A check and its findings."""

from dataclasses import dataclass
from uuid import UUID

LIVE = "('invited', 'requested', 'waitlisted', 'offered', 'joined')"
"""The live statuses, as SQL."""

OVER = "('cancelled', 'archived')"
"""The statuses of rooms that are over, as SQL."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must hold: ``promise`` describes it, ``remedy`` what to do if it is broken.

    ``query`` returns the violations: ``room_id``, ``person_id`` (null if it concerns no single person), ``detail``. A
    check that ``settles`` may be broken for a moment, while a message is on its way; its query also returns ``mark``,
    which changes as soon as something moves.
    """

    name: str
    promise: str
    remedy: str
    query: str
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where a check is broken."""

    room_id: UUID
    person_id: UUID | None
    detail: str
    mark: str | None = None

    @property
    def key(self) -> tuple[UUID, UUID | None, str | None]:
        """Return a value that stays the same as long as nothing moves there."""
        return self.room_id, self.person_id, self.mark
