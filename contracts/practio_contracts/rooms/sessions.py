"""Sessions of a room: their snapshot, and their commands."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from practio_contracts.fields import (
    PRIVATE,
    Id,
    Instant,
    Int,
    LocalDate,
    LocalTime,
    LongText,
    ShortText,
    Text,
    WebAddress,
    default_for_null,
)
from practio_contracts.message import Command, CommandPart, InternalCommand, Part


class SessionStatus(StrEnum):
    """Whether a session takes place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class Scope(StrEnum):
    """Which dates of a series are meant: the one that is named, or it and all that follow it."""

    THIS = "this"
    FOLLOWING = "following"


class Session(Part):
    """One date on which a room meets.

    ``series_id`` is the id of the series' first session; ``place`` and ``meeting_url`` are null if they are the room's;
    ``revision`` is iCalendar's SEQUENCE (RFC 5545, 3.8.7.4), 0 at first.
    """

    session_id: Id
    room_id: Id
    series_id: Id | None = None
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    topic: str | None = None
    place: Annotated[str | None, PRIVATE] = None
    meeting_url: Annotated[str | None, PRIVATE] = None
    status: SessionStatus = SessionStatus.SCHEDULED
    revision: int = 0


class PublicSession(Session):
    """A session as everybody may read it: written without place and link."""

    place: Annotated[str | None, Field(exclude=True)] = None
    meeting_url: Annotated[str | None, Field(exclude=True)] = None


LONGEST = timedelta(days=7)
"""How long a session may be."""

Duration = Annotated[Int, Field(ge=1, le=LONGEST // timedelta(minutes=1))]
"""Minutes."""

MeetingPlace = Annotated[LongText, StringConstraints(min_length=1, max_length=1_000)]

ExceptDates = Annotated[
    list[LocalDate],
    Field(max_length=1_000),
    BeforeValidator(default_for_null, json_schema_input_type=list[LocalDate] | None),
]

ScopeInput = Annotated[Scope, BeforeValidator(default_for_null, json_schema_input_type=Scope | None)]


class Recurrence(CommandPart):
    """The dates of a series: an RFC 5545 rule, by the wall clock of the room's zone, and days on which it rests."""

    rrule: Annotated[Text, StringConstraints(min_length=1, max_length=500)]
    except_dates: ExceptDates = []


class ScheduleSession(Command, key="rooms.schedule-session.v1"):
    """Schedule a session, or with ``recurrence`` a series of them; the sender chooses the id of the first."""

    room_id: Id
    session_id: Id
    starts_at: LocalTime
    duration_minutes: Duration
    topic: ShortText | None = None
    place: MeetingPlace | None = None
    meeting_url: WebAddress | None = None
    recurrence: Recurrence | None = None


class RescheduleSession(Command, key="rooms.reschedule-session.v1"):
    """Move a session to another time; ``duration_minutes`` stays as it is if it is not given."""

    room_id: Id
    session_id: Id
    starts_at: LocalTime
    duration_minutes: Duration | None = None
    scope: ScopeInput = Scope.THIS


class CancelSession(Command, key="rooms.cancel-session.v1"):
    """Call a session off."""

    room_id: Id
    session_id: Id
    reason: LongText | None = None
    scope: ScopeInput = Scope.THIS


class ReviseSession(Command, key="rooms.revise-session.v1"):
    """Change what a session states: the given fields; null clears a field, and the room's place or link applies."""

    room_id: Id
    session_id: Id
    topic: ShortText | None = None
    place: MeetingPlace | None = None
    meeting_url: WebAddress | None = None
    scope: ScopeInput = Scope.THIS


class TopUpSeries(InternalCommand, key="rooms.top-up-series.v1"):
    """Further dates of a series are due; an internal command."""

    room_id: Id
    series_id: Id


class PassSession(InternalCommand, key="rooms.pass-session.v1"):
    """A room's next session begins; an internal command."""

    room_id: Id
