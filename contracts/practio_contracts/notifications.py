"""What is said about letters (contracts.md, Notifications)."""

from enum import StrEnum

from practio_contracts import answers
from practio_contracts.fields import Cursor, Id, Instant, LongPage
from practio_contracts.message import Fact, Part, Query


class LetterStatus(StrEnum):
    """Where a letter is on its way (notifications.md, Rules)."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    SUPPRESSED = "suppressed"


class RefusalCode(StrEnum):
    """Why notifications refuses a wish or a question."""

    NOT_ALLOWED = "not-allowed"
    UNIDENTIFIED = "unidentified"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


class About(Part):
    """What a letter is about."""

    room_id: Id | None = None
    membership_id: Id | None = None


class _AboutLetter(Fact):
    letter_id: Id
    kind: str
    person_id: Id
    about: About
    reason: str | None = None


class LetterSent(_AboutLetter, key="notifications.letter-sent.v1"):
    """A mail server took a letter."""


class LetterFailed(_AboutLetter, key="notifications.letter-failed.v1"):
    """A letter could not be delivered; ``reason`` says why."""


class LetterSkipped(_AboutLetter, key="notifications.letter-skipped.v1"):
    """A letter was not sent because it was no longer true, or nobody's address was known."""


class ListLetters(Query, key="notifications.list-letters.v1"):
    """Which letters were written; a person sees their own; result: ``Letters``."""

    person_id: Id | None = None
    room_id: Id | None = None
    status: LetterStatus | None = None
    limit: LongPage = 100
    after: Cursor | None = None


class Letter(Part):
    """One letter, without its text and address."""

    letter_id: Id
    kind: str
    person_id: Id
    about: About
    status: LetterStatus
    tries: int
    reason: str | None
    created_at: Instant
    sent_at: Instant | None


class Letters(Part):
    """A page of letters, newest first."""

    letters: list[Letter]
    after: str | None


class NotificationsCommandAccepted(answers.CommandAccepted, key="notifications.command-accepted.v1"):
    """Notifications met a wish."""


class NotificationsCommandRefused(answers.CommandRefused, key="notifications.command-refused.v1"):
    """Notifications refused a wish."""


class NotificationsAnswer(answers.Answer, key="notifications.answer.v1"):
    """Notifications answers a question."""


MESSAGES = (
    LetterSent,
    LetterFailed,
    LetterSkipped,
    ListLetters,
    NotificationsCommandAccepted,
    NotificationsCommandRefused,
    NotificationsAnswer,
)
