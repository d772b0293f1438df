"""Dates that a series is given later, as they come within 12 weeks: calendars learn of them without a letter each."""

from datetime import datetime, timedelta

from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import RoomEvent, Session, SessionScheduled

ANNOUNCED_BEFORE = timedelta(weeks=3)
"""How long before an added date a letter announces it to those who have no calendar entry of it yet."""


def is_added(event: RoomEvent, by: str) -> bool:
    """Return whether an event adds a date to a series that was planned before, since its time has come.

    Only the first date of a series has the id of the series, and the letter about it lists the others.
    """
    if not isinstance(event, SessionScheduled) or by != SYSTEM:
        return False
    return event.session.series_id not in (None, event.session.session_id)


def announced_at(session: Session) -> datetime:
    """Return when a letter announces an added date to those who have no calendar entry of it."""
    return session.starts_at - ANNOUNCED_BEFORE
