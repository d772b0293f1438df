"""Which sessions a letter tells of, by what is known when it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.membership import Joined, Removed, Status, Withdrawn
from practio_contracts.rooms import (
    OfficeChanged,
    RoomArchived,
    RoomCancelled,
    Session,
    SessionCancelled,
    SessionEvent,
    SessionRescheduled,
    SessionScheduled,
    SessionStatus,
)
from practio_notifications.letters.recipients import Cause


@dataclass(frozen=True, slots=True)
class AnnouncedSession:
    """A session by the newest event of it; ``told_in``: what the letters that tell of it are written of.

    All dates that one command plans, moves or calls off are told in one letter.
    """

    session: Session
    cause_id: UUID


def sessions_of(
    event: Cause, cause_id: UUID, known: Iterable[AnnouncedSession], *, in_room: bool, now: datetime
) -> list[Session]:
    """Give the sessions that a letter of ``event`` tells of, the first one first.

    ``in_room``: its reader has a seat or an office in the room. Leaving tells of all that are still to come.
    """
    coming = sorted(
        (each for each in known if each.session.ends_at > now),
        key=lambda each: (each.session.starts_at, each.session.session_id),
    )
    if isinstance(event, SessionEvent):
        told = (each.session for each in coming if each.cause_id == cause_id)
        return [session for session in told if _is_announced_by(event, session)]
    if not _lists_all(event, in_room=in_room):
        return []
    return [each.session for each in coming if each.session.status is SessionStatus.SCHEDULED or _ends(event, each)]


def session_with_id(session_id: UUID, known: Iterable[AnnouncedSession]) -> list[Session]:
    """Give the session of this id, which a reminder tells of."""
    return [each.session for each in known if each.session.session_id == session_id]


def _is_announced_by(event: SessionEvent, session: Session) -> bool:
    match event:
        case SessionScheduled():
            return session.status is SessionStatus.SCHEDULED and session.revision == 0
        case SessionRescheduled():
            return session.status is SessionStatus.SCHEDULED and session.revision > 0
        case SessionCancelled():
            return session.status is SessionStatus.CANCELLED


def _lists_all(event: Cause, *, in_room: bool) -> bool:
    match event:
        case Joined() | RoomCancelled() | RoomArchived():
            return True
        case Withdrawn():
            return event.from_status is Status.JOINED and not in_room
        case Removed():
            return not in_room
        case OfficeChanged():
            return event.appointed is in_room
        case _:
            return False


def _ends(event: Cause, each: AnnouncedSession) -> bool:
    """Say whether a session was called off with its room."""
    return isinstance(event, RoomCancelled | RoomArchived) and each.session.status is SessionStatus.CANCELLED
