"""How rooms answers and refuses."""

from enum import StrEnum

from practio_contracts import answers


class RefusalCode(StrEnum):
    """Why rooms refuses a command or a query."""

    UNIDENTIFIED = "unidentified"
    PERSON_ERASED = "person-erased"
    ROOM_UNKNOWN = "room-unknown"
    NOT_ALLOWED = "not-allowed"
    ID_TAKEN = "id-taken"
    INCOMPLETE = "incomplete"
    VERSION_CONFLICT = "version-conflict"
    NOT_IN_THIS_STATE = "not-in-this-state"
    SESSION_UNKNOWN = "session-unknown"
    SESSION_PAST = "session-past"
    TOO_MANY_SESSIONS = "too-many-sessions"
    BAD_RECURRENCE = "bad-recurrence"
    OFFICE_TAKEN = "office-taken"
    NO_HAND_OVER = "no-hand-over"
    ALREADY_GIVEN = "already-given"
    NOTE_UNKNOWN = "note-unknown"
    PERSON_UNKNOWN = "person-unknown"
    TOO_MANY = "too-many"
    SESSION_OVER = "session-over"
    NOT_YET = "not-yet"
    REPORT_UNKNOWN = "report-unknown"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    INVALID = "invalid"
    UNREADABLE = "unreadable"
    SPONSOR_UNKNOWN = "sponsor-unknown"
    FAILED = "failed"


class RoomsCommandAccepted(answers.CommandAccepted, key="rooms.command-accepted.v1"):
    """Rooms met a command."""


class RoomsCommandRefused(answers.CommandRefused, key="rooms.command-refused.v1"):
    """Rooms refused a command."""


class RoomsAnswer(answers.Answer, key="rooms.answer.v1"):
    """Rooms answers a query."""
