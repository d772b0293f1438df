"""Sessions that this release cannot read, and the letters that wait for them: those that would state or list one.

A letter that left without a session would leave it out of its reader's calendar, or in it, for good. All other letters
about the room leave.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from practio_contracts.rooms import RoomRevised, SessionEvent
from practio_notifications.letters.calendar_changes import changes_entries
from practio_notifications.letters.dates import lists_all
from practio_notifications.letters.kinds import SESSION_REMINDER, LetterKind
from practio_notifications.letters.recipients import Cause


@dataclass(frozen=True, slots=True)
class UnreadSession:
    """What is known of a session without its snapshot; ``cause_id`` identifies the cause of the letters about it."""

    session_id: UUID
    cause_id: UUID


class UnreadSessionError(ValueError):
    """A letter would state a session that this release cannot read."""


def check_sessions_read(
    kind: LetterKind, event: Cause, cause_id: UUID, unread: Collection[UnreadSession], *, in_room: bool
) -> None:
    """Raise UnreadSessionError if a letter would state or list one of the sessions that are ``unread``.

    A letter that brings the added dates that its reader misses does not wait for another one: the next such letter
    brings it.
    """
    if unread and (_lists_any(kind, event, cause_id, unread, in_room=in_room) or _session_of(event) in _ids(unread)):
        raise UnreadSessionError(f"a letter of kind {kind.name} needs a session that is not read")


def _lists_any(
    kind: LetterKind, event: Cause, cause_id: UUID, unread: Collection[UnreadSession], *, in_room: bool
) -> bool:
    if isinstance(event, SessionEvent):
        return kind is not SESSION_REMINDER and any(each.cause_id == cause_id for each in unread)
    return changes_entries(event) if isinstance(event, RoomRevised) else lists_all(event, in_room=in_room)


def _session_of(event: Cause) -> UUID | None:
    """Return the one session that an event is about, if it is about one."""
    if isinstance(event, SessionEvent):
        return event.session.session_id
    session_id: UUID | None = getattr(event, "session_id", None)
    return session_id


def _ids(unread: Collection[UnreadSession]) -> set[UUID]:
    return {each.session_id for each in unread}
