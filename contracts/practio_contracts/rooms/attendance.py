"""Who comes to a session, and who came."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from practio_contracts.fields import PRIVATE, Id, Instant, LongText, default_for_null
from practio_contracts.message import Command, Event, Part
from practio_contracts.rooms.sessions import Scope, ScopeInput

MOST_AT_ONCE = 500
"""The most people in each list of a record of attendance."""


class Coming(StrEnum):
    """Whether a person comes to a session."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class AnswerSession(Command, key="rooms.answer-session.v1"):
    """State whether a person comes to a session, or with ``scope`` to it and all that follow; their seat stays theirs.

    For people in the room and its offices, before the session begins. Without ``note``, the note of an answer that they
    gave for the same date stays; null clears it.
    """

    room_id: Id
    session_id: Id
    person_id: Id
    coming: Coming
    note: Annotated[LongText, StringConstraints(max_length=300)] | None = None
    scope: ScopeInput = Scope.THIS


class AnswerGiven(Part):
    """A person's answer to a session, for the time at which it starts (``starts_at``)."""

    room_id: Id
    session_id: Id
    person_id: Id
    coming: Coming
    note: str | None = None
    starts_at: Instant


class SessionAnswered(Event, key="rooms.session-answered.v1"):
    """A person stated whether they come; published once for each date. ``starts_at``: the time that the answer is for.

    A session that is moved or called off has no answers from then on.
    """

    room_id: Id
    session_id: Id
    person_id: Id
    coming: Coming
    note: Annotated[str | None, PRIVATE] = None
    starts_at: Instant | None = None


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


_Listed = Annotated[list[Id], Field(max_length=MOST_AT_ONCE), AfterValidator(_each_once)]
People = Annotated[_Listed, BeforeValidator(default_for_null, json_schema_input_type=_Listed | None)]


class RecordAttendance(Command, key="rooms.record-attendance.v1"):
    """Record who came to a session and who did not; people in neither list stay as they are, nobody is in both.

    From the start of the session until 30 days after its end.
    """

    room_id: Id
    session_id: Id
    present: People = []
    absent: People = []

    @field_validator("absent")
    @classmethod
    def _not_present_too(cls, absent: list[Id], info: ValidationInfo) -> list[Id]:
        if not set(absent).isdisjoint(info.data.get("present", ())):
            raise ValueError("nobody can be both present and absent")
        return absent


class CheckIn(Command, key="rooms.check-in.v1"):
    """Record that a person in the room is there, from 30 minutes before the start until the end."""

    room_id: Id
    session_id: Id
    person_id: Id


class AttendanceCounts(Part):
    """How many people are recorded as present and as absent."""

    room_id: Id
    session_id: Id
    present_count: int
    absent_count: int


class AttendanceRecorded(Event, key="rooms.attendance-recorded.v1"):
    """Attendance was recorded.

    ``present`` and ``absent`` are the people whose record changed; the counts are of all.
    """

    room_id: Id
    session_id: Id
    present_count: int
    absent_count: int
    present: Annotated[list[Id], PRIVATE] = []
    absent: Annotated[list[Id], PRIVATE] = []
