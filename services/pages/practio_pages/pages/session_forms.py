"""The forms of sessions: their fields become commands, or faults by field. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.message import Command
from practio_contracts.rooms import (
    CancelSession,
    RescheduleSession,
    ReviseSession,
    ScheduleSession,
    Scope,
    Session,
)
from practio_pages.pages.session_dates import BEGINNING, END, WEEKDAYS, Repetition, first_on, instant, wall_clock

SEEN = "previewed"
"""The field with the fingerprint of the command whose consequences the reader has seen."""

SHOWN = "was.times"
"""The field with what a change replaces, as the page showed it: times, or marks of what the session states."""

STATEMENTS = ("topic", "place", "meeting_url")
"""What a session states; null: the room's place or link applies."""

ONCE, SERIES = "once", "series"
MOST_WEEKS = 52
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(:[0-5][0-9])?")
_USUAL = {"minutes": "90", "repeat": ONCE, "weeks": "1", "scope": Scope.THIS.value}

C = TypeVar("C", bound=Command)


class SessionFormFault(StrEnum):
    """A fault of one field."""

    DATE = "date"
    TIME = "time"
    MINUTES = "minutes"
    PAST = "past"
    WEEKS = "weeks"
    BEFORE_FIRST = "before-first"
    CHOOSE = "choose"
    ADDRESS = "address"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"
    NOTHING_CHANGED = "nothing-changed"


SessionFormFaults = dict[str, SessionFormFault]
"""The faults by the name of the field; the form as a whole has the empty name."""

Form = Mapping[str, str]
"""The content of a form by field; a field that it does not have is empty."""


@dataclass(frozen=True, slots=True)
class SessionToSchedule:
    """A session or series to plan; ``starts_at`` is on the wall clock of the room's zone."""

    command: ScheduleSession
    starts_at: datetime
    repetition: Repetition | None


def content_of(fields: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """Return the content of a form by the ``names`` of its fields, with usual values in those that are missing."""
    return {name: tidy(fields.get(name, _USUAL.get(name, ""))) for name in names}


def fingerprint_of(command: Command) -> str:
    """Return a text that is equal for commands with equal consequences, by which a preview is recognised."""
    content = command.model_dump_json(exclude={"session_id"}, exclude_unset=True)
    return sha256(f"{command.routing_key} {content}".encode()).hexdigest()[:32]


def plan_of(
    form: Form, *, room_id: UUID, session_id: UUID, zone: str, now: datetime
) -> SessionToSchedule | SessionFormFaults:
    """Return what a form plans, or its faults; the first date is the first one on the chosen weekday."""
    faults: SessionFormFaults = {}
    repetition = _repetition(form, faults)
    weekday = form["weekday"] if repetition else ""
    starts_at = _starts_at(form, faults, zone=zone, now=now, weekday=weekday)
    duration = _minutes(form, faults)
    if repetition and repetition.until and starts_at and repetition.until < starts_at.date():
        faults["until"] = SessionFormFault.BEFORE_FIRST
    if faults or starts_at is None:
        return faults
    fields = {
        "room_id": room_id,
        "session_id": session_id,
        "starts_at": starts_at,
        "duration_minutes": duration,
        "recurrence": {"rrule": repetition.rule} if repetition else None,
        **{name: form[name] or None for name in STATEMENTS},
    }
    command = _valid(ScheduleSession, fields)
    return command if isinstance(command, dict) else SessionToSchedule(command, starts_at, repetition)


def move_of(
    form: Form, *, room_id: UUID, session_id: UUID, zone: str, now: datetime
) -> RescheduleSession | SessionFormFaults:
    """Return the command that moves a session, or the faults of its form."""
    faults: SessionFormFaults = {}
    starts_at = _starts_at(form, faults, zone=zone, now=now)
    duration, scope = _minutes(form, faults), _scope(form, faults)
    if faults:
        return faults
    fields = {
        "room_id": room_id,
        "session_id": session_id,
        "starts_at": starts_at,
        "duration_minutes": duration,
        "scope": scope,
    }
    return _valid(RescheduleSession, fields)


def revision_of(form: Form, *, room_id: UUID, session_id: UUID) -> ReviseSession | SessionFormFaults:
    """Return the command that changes what a session states, or the faults of its form.

    Only what differs from what the page showed (``was.…``) is changed: other people's changes meanwhile stay.
    """
    faults: SessionFormFaults = {}
    scope = _scope(form, faults)
    changed = {name: form[name] or None for name in STATEMENTS if form[name] != form[f"was.{name}"]}
    if not changed:
        faults[""] = SessionFormFault.NOTHING_CHANGED
    return faults or _valid(ReviseSession, {"room_id": room_id, "session_id": session_id, "scope": scope, **changed})


def cancellation_of(form: Form, *, room_id: UUID, session_id: UUID) -> CancelSession | SessionFormFaults:
    """Return the command that calls a session off, or the faults of its form."""
    faults: SessionFormFaults = {}
    scope = _scope(form, faults)
    fields = {"room_id": room_id, "session_id": session_id, "reason": form["reason"] or None, "scope": scope}
    return faults or _valid(CancelSession, fields)


def form_of(session: Session, zone: str) -> dict[str, str]:
    """Return the content of the forms of a session as it is now."""
    local = wall_clock(session.starts_at, zone)
    stated = {name: getattr(session, name) or "" for name in STATEMENTS}
    return {
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "minutes": str(int((session.ends_at - session.starts_at).total_seconds() // 60)),
        "scope": Scope.THIS.value,
        "reason": "",
        **stated,
        **{f"was.{name}": text for name, text in stated.items()},
    }


def statements_of(session: Session) -> str:
    """Return marks of what a session states as a form repeats them, so that a change by somebody else is noticed."""
    return ",".join(sha256((getattr(session, name) or "").encode()).hexdigest()[:12] for name in STATEMENTS)


def is_revised_meanwhile(session: Session, command: ReviseSession, shown: str) -> bool:
    """Return whether somebody else has changed the same as ``command``, to something else, since it was ``shown``."""
    marks = shown.split(",")
    if len(marks) != len(STATEMENTS):  # a form of an earlier release has the times there
        return False
    changed = {
        name
        for name, then, now in zip(STATEMENTS, marks, statements_of(session).split(","), strict=True)
        if then != now
    }
    return any(getattr(session, name) != getattr(command, name) for name in changed & command.model_fields_set)


def times_of(session: Session) -> str:
    """Return the times of a session as a form repeats them, so that a move by somebody else is noticed."""
    return f"{session.starts_at.isoformat()}/{session.ends_at.isoformat()}"


def is_moved_as(session: Session, command: Command, zone: str) -> bool:
    """Return whether a session already takes place when a command would have it: the button was pressed twice."""
    if not isinstance(command, RescheduleSession):
        return False
    minutes = int((session.ends_at - session.starts_at).total_seconds() // 60)
    begins = instant(command.starts_at, zone)
    return session.starts_at == begins and command.duration_minutes in (None, minutes)


def _starts_at(
    form: Form, faults: SessionFormFaults, *, zone: str, now: datetime, weekday: str = ""
) -> datetime | None:
    day, clock = _date(form["date"]), _CLOCK.fullmatch(form["time"])
    if day is None:
        faults["date"] = SessionFormFault.DATE
    if clock is None:
        faults["time"] = SessionFormFault.TIME
    if day is None or clock is None:
        return None
    if not BEGINNING <= day <= END - timedelta(days=len(WEEKDAYS)):
        faults["date"] = SessionFormFault.DATE
        return None
    local = datetime.combine(first_on(day, weekday), time(int(clock[1]), int(clock[2])))
    if instant(local, zone) <= now:
        faults["date"] = SessionFormFault.PAST
    return local


def _repetition(form: Form, faults: SessionFormFaults) -> Repetition | None:
    if form["repeat"] != SERIES:
        return None
    until = _date(form["until"]) if form["until"] else None
    if form["until"] and until is None:
        faults["until"] = SessionFormFault.DATE
    weeks = _number(form["weeks"], most=MOST_WEEKS)
    if weeks is None:
        faults["weeks"] = SessionFormFault.WEEKS
    return Repetition(weeks or 1, until)


def _minutes(form: Form, faults: SessionFormFaults) -> int | None:
    found = _number(form["minutes"], most=7 * 24 * 60)
    if found is None:
        faults["minutes"] = SessionFormFault.MINUTES
    return found


def _scope(form: Form, faults: SessionFormFaults) -> Scope:
    if form["scope"] not in list(Scope):
        faults["scope"] = SessionFormFault.CHOOSE
        return Scope.THIS
    return Scope(form["scope"])


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _number(text: str, *, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most else None


def _valid(kind: type[C], fields: Mapping[str, Any]) -> C | SessionFormFaults:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        return {str(each["loc"][0]): _fault(str(each["loc"][0]), each["type"]) for each in error.errors()}


def _fault(field: str, kind: str) -> SessionFormFault:
    if kind in ("too_long", "string_too_long"):
        return SessionFormFault.TOO_LONG
    return SessionFormFault.ADDRESS if field == "meeting_url" else SessionFormFault.UNREADABLE
