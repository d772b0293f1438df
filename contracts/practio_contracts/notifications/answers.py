"""The answers of notifications, and why it refuses."""

from enum import StrEnum

from practio_contracts import answers


class RefusalCode(StrEnum):
    """Why notifications refuses a command or a query."""

    LETTER_UNKNOWN = "letter-unknown"
    LETTER_ON_ITS_WAY = "letter-on-its-way"
    LETTER_EMPTIED = "letter-emptied"
    ADDRESS_SUPPRESSED = "address-suppressed"
    ROOM_UNKNOWN = "room-unknown"
    NOT_AVAILABLE = "not-available"
    REPLY_UNKNOWN = "reply-unknown"
    OTHER_SESSION = "other-session"
    OTHER_ADDRESS = "other-address"
    OUTDATED = "outdated"
    NOT_ALLOWED = "not-allowed"
    TOO_MANY = "too-many"
    UNIDENTIFIED = "unidentified"
    PERSON_ERASED = "person-erased"
    INVALID = "invalid"
    UNREADABLE = "unreadable"
    FAILED = "failed"


class NotificationsCommandAccepted(answers.CommandAccepted, key="notifications.command-accepted.v1"):
    """Notifications met a command."""


class NotificationsCommandRefused(answers.CommandRefused, key="notifications.command-refused.v1"):
    """Notifications refused a command."""


class NotificationsAnswer(answers.Answer, key="notifications.answer.v1"):
    """Notifications answers a query."""
