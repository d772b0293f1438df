"""The sessions that a letter lists, by the state at the time it leaves."""

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
    """A session by its newest event; ``cause_id`` identifies the cause of the letters that announce it.

    All dates that one command schedules, moves or cancels are announced in one letter.
    """

    session: Session
    cause_id: UUID


def sessions_of(
    event: Cause, cause_id: UUID, known: Iterable[AnnouncedSession], *, in_room: bool, now: datetime
) -> list[Session]:
    """Return the sessions that a letter about ``event`` lists, soonest first.

    ``in_room``: its reader has a seat or an office in the room. A letter about leaving lists all coming sessions.
    """
    coming = sorted(
        (each for each in known if each.session.ends_at > now),
        key=lambda each: (each.session.starts_at, each.session.session_id),
    )
    if isinstance(event, SessionEvent):
        announced = (each.session for each in coming if each.cause_id == cause_id)
        return [session for session in announced if _is_announced_by(event, session)]
    if not _lists_all(event, in_room=in_room):
        return []
    return [each.session for each in coming if each.session.status is SessionStatus.SCHEDULED or _ends(event, each)]


def session_with_id(session_id: UUID, known: Iterable[AnnouncedSession]) -> list[Session]:
    """Return the session of this id, which a reminder is about, as a list."""
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
    """Return whether a session was cancelled with its room."""
    return isinstance(event, RoomCancelled | RoomArchived) and each.session.status is SessionStatus.CANCELLED
