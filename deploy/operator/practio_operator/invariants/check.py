"""What a check is, and what it finds."""

from dataclasses import dataclass
from uuid import UUID

LIVE = "('invited', 'requested', 'waitlisted', 'offered', 'joined')"
"""The statuses of who is in a room or on the way into it, as SQL."""

OVER = "('cancelled', 'archived')"
"""The statuses of rooms that are over, as SQL."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold: ``promise`` says what, ``remedy`` what to do where it does not.

    ``query`` gives what breaks it: ``room_id``, ``person_id`` (null where it is no one person), ``detail``. What
    ``settles`` may be broken for a moment, while a message is on its way; its query gives ``mark`` besides, which
    changes as soon as something moves.
    """

    name: str
    promise: str
    remedy: str
    query: str
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where something does not hold."""

    room_id: UUID
    person_id: UUID | None
    detail: str
    mark: str | None = None

    @property
    def key(self) -> tuple[UUID, UUID | None, str | None]:
        """Give what is the same as long as nothing has moved there."""
        return self.room_id, self.person_id, self.mark
