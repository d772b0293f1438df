"""Letters: what became of them, which were written, and sending one again."""

from enum import StrEnum

from practio_contracts.fields import Cursor, Id, Instant, LongPage
from practio_contracts.message import Command, Event, Part, Query


class LetterStatus(StrEnum):
    """The status of a letter."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    SUPPRESSED = "suppressed"


class ResendLetter(Command, key="notifications.resend-letter.v1"):
    """Send a letter once more that failed, was suppressed, or of which nobody knows whether it left."""

    letter_id: Id


class About(Part):
    """The subject of a letter."""

    room_id: Id | None = None
    membership_id: Id | None = None


class _AboutLetter(Event):
    letter_id: Id
    kind: str
    person_id: Id
    about: About
    reason: str | None = None


class LetterSent(_AboutLetter, key="notifications.letter-sent.v1"):
    """A mail server took a letter."""


class LetterFailed(_AboutLetter, key="notifications.letter-failed.v1"):
    """A letter could not be delivered; ``reason`` is a code."""


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
