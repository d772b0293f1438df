"""The sessions that a letter lists, by the state at the time it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.membership import Joined, Removed, Status, Withdrawn
from practio_contracts.rooms import (
    HostChanged,
    OfficeChanged,
    RoomArchived,
    RoomCancelled,
    RoomRevised,
    Session,
    SessionCancelled,
    SessionEvent,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
)
from practio_notifications.letters.calendar_changes import concerns
from practio_notifications.letters.recipients import Cause


@dataclass(frozen=True, slots=True)
class AnnouncedSession:
    """A session by its newest event; ``cause_id`` identifies the cause of the letters that announce it.

    All dates that one command schedules, moves, revises or cancels are announced in one letter. ``was_added``: its
    series was given it later, and no letter of its own announces it. ``is_entered``: an earlier letter brought the
    reader its calendar entry.
    """

    session: Session
    cause_id: UUID
    was_added: bool = False
    is_entered: bool = False


def sessions_of(
    event: Cause, cause_id: UUID, known: Iterable[AnnouncedSession], *, in_room: bool, now: datetime
) -> list[Session]:
    """Return the sessions that a letter about ``event`` lists, soonest first.

    ``in_room``: its reader has a seat or an office in the room. A letter about leaving lists all coming sessions, one
    about the room's new title, place or link those whose entries it changes, one about an added date all that are
    missing.
    """
    coming = _coming(known, now)
    if announces_added_dates(event, coming):
        return missing_dates(coming, now)
    if isinstance(event, SessionEvent):
        announced = (each.session for each in coming if each.cause_id == cause_id)
        return [session for session in announced if _is_announced_by(event, session)]
    if isinstance(event, RoomRevised):
        coming = [each for each in coming if concerns(event, each.session)]
    elif not lists_all(event, in_room=in_room):
        return []
    return [each.session for each in coming if each.session.status is SessionStatus.SCHEDULED or _ends(event, each)]


def announces_added_dates(event: Cause, known: Iterable[AnnouncedSession]) -> bool:
    """Return whether the session of a letter about a scheduled one was added to its series later."""
    return isinstance(event, SessionScheduled) and any(
        each.was_added and each.session.session_id == event.session.session_id for each in known
    )


def missing_dates(known: Iterable[AnnouncedSession], now: datetime) -> list[Session]:
    """Return the coming dates that series were given later and that are not in the reader's calendar, soonest first."""
    added = (each for each in _coming(known, now) if each.was_added and not each.is_entered)
    return [each.session for each in added if each.session.status is SessionStatus.SCHEDULED]


def _coming(known: Iterable[AnnouncedSession], now: datetime) -> list[AnnouncedSession]:
    coming = (each for each in known if each.session.ends_at > now)
    return sorted(coming, key=lambda each: (each.session.starts_at, each.session.session_id))


def session_with_id(session_id: UUID, known: Iterable[AnnouncedSession]) -> list[Session]:
    """Return the session of this id, which a reminder is about, as a list."""
    return [each.session for each in known if each.session.session_id == session_id]


def _is_announced_by(event: SessionEvent, session: Session) -> bool:
    match event:
        case SessionScheduled():
            return session.status is SessionStatus.SCHEDULED and session.revision == 0
        case SessionRescheduled() | SessionRevised():
            return session.status is SessionStatus.SCHEDULED and session.revision > 0
        case SessionCancelled():
            return session.status is SessionStatus.CANCELLED


def lists_all(event: Cause, *, in_room: bool) -> bool:
    """Return whether a letter about a person's coming or leaving, or the room's end, lists all coming sessions."""
    match event:
        case Joined() | RoomCancelled() | RoomArchived():
            return True
        case Withdrawn():
            return event.from_status is Status.JOINED and not in_room
        case Removed():
            return not in_room
        case HostChanged():
            return not in_room
        case OfficeChanged():
            return event.appointed is in_room
        case _:
            return False


def _ends(event: Cause, each: AnnouncedSession) -> bool:
    """Return whether a session was cancelled with its room."""
    return isinstance(event, RoomCancelled | RoomArchived) and each.session.status is SessionStatus.CANCELLED
