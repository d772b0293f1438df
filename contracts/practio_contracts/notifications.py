"""What is said about letters (contracts.md, Notifications)."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from practio_contracts import answers
from practio_contracts.fields import Cursor, Flag, Id, Instant, LongPage, Text
from practio_contracts.message import Command, CommandPart, Event, Part, Query


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
    """Why notifications refuses a command or a question."""

    LETTER_UNKNOWN = "letter-unknown"
    LETTER_ON_ITS_WAY = "letter-on-its-way"
    LETTER_EMPTIED = "letter-emptied"
    ADDRESS_SUPPRESSED = "address-suppressed"
    ROOM_UNKNOWN = "room-unknown"
    NOT_AVAILABLE = "not-available"
    NOT_ALLOWED = "not-allowed"
    UNIDENTIFIED = "unidentified"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


class RequestsDigest(StrEnum):
    """How often host and offices read of new requests."""

    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class Activity(StrEnum):
    """How often a host reads of who came, left or declined."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    OFF = "off"


class BounceKind(StrEnum):
    """Why a letter came back."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"


TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall clock's hour and minute, as ``HH:MM``."""

MailAddress = Annotated[Text, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]


class QuietHours(CommandPart):
    """From when until when, in the person's zone, no letter leaves that can wait; over midnight where it is later."""

    model_config = ConfigDict(populate_by_name=True)

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]


_USUAL_QUIET = QuietHours(start="21:00", end="08:00")


class SetPreferences(Command, key="notifications.set-preferences.v1"):
    """Set which letters come, and when: whole, what is left out is as it was at first; for transactional ones nothing.

    ``quiet_hours`` null: none.
    """

    person_id: Id
    requests_digest: RequestsDigest | None = RequestsDigest.AT_ONCE
    activity: Activity | None = Activity.DAILY
    reminders: Flag = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: Annotated[list[Id], Field(max_length=1_000)] | None = []


class GetPreferences(Query, key="notifications.get-preferences.v1"):
    """Show which letters a person wants, and when; people see their own; result: ``Preferences``."""

    person_id: Id


class Preferences(Part):
    """Which letters a person wants, and when; for who never said so, as it is at first."""

    person_id: Id
    requests_digest: RequestsDigest = RequestsDigest.AT_ONCE
    activity: Activity = Activity.DAILY
    reminders: bool = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: list[Id] = []


class ReportBounce(Command, key="notifications.report-bounce.v1"):
    """Tell that a letter came back, or that its reader complained; ``detail`` is for operators."""

    email: MailAddress
    kind: BounceKind
    letter_id: Id | None = None
    detail: Annotated[Text, StringConstraints(max_length=1_000)] | None = None


class LiftSuppression(Command, key="notifications.lift-suppression.v1"):
    """Write to an address again."""

    email: MailAddress


class Suppression(Part):
    """Whether an address is written to: ``kind`` says of which kind of bounce it is not."""

    email: str
    suppressed: bool
    kind: BounceKind | None = None


class ResendLetter(Command, key="notifications.resend-letter.v1"):
    """Send a letter once more that failed, was suppressed, or of which nobody knows whether it left."""

    letter_id: Id


class SendLink(Command, key="notifications.send-link.v1"):
    """Send the people who have an address a link to the pages of their own; nobody is told whether there are any.

    ``room_id``: the room that they looked at, which the link then leads to.
    """

    email: MailAddress
    room_id: Id | None = None


class LinkAsked(Part):
    """What is told of a link that was asked for: never whether anybody has that address."""

    email: str


class NamePeople(Query, key="notifications.name-people.v1"):
    """How people in a room are called: to its host and offices all, to others its host and offices; result: ``Names``.

    Who is not known, or not to be named to who asks, is left out.
    """

    room_id: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class Named(Part):
    """A person and what they are called."""

    person_id: Id
    display_name: str


class Names(Part):
    """People by name, in the order in which they were asked for."""

    people: list[Named]


class About(Part):
    """What a letter is about."""

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
    """A letter could not be delivered; ``reason`` says why."""


class LetterSkipped(_AboutLetter, key="notifications.letter-skipped.v1"):
    """A letter was not sent because it was no longer true, or nobody's address was known."""


class _AboutAddress(Event):
    person_id: Id
    kind: BounceKind


class AddressSuppressed(_AboutAddress, key="notifications.address-suppressed.v1"):
    """A person's address is not written to any more; ``kind`` says of which kind of bounce."""


class SuppressionLifted(_AboutAddress, key="notifications.suppression-lifted.v1"):
    """A person's address is written to again."""


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
    """Notifications met a command."""


class NotificationsCommandRefused(answers.CommandRefused, key="notifications.command-refused.v1"):
    """Notifications refused a command."""


class NotificationsAnswer(answers.Answer, key="notifications.answer.v1"):
    """Notifications answers a question."""


MESSAGES = (
    SetPreferences,
    ReportBounce,
    LiftSuppression,
    ResendLetter,
    SendLink,
    LetterSent,
    LetterFailed,
    LetterSkipped,
    AddressSuppressed,
    SuppressionLifted,
    ListLetters,
    GetPreferences,
    NamePeople,
    NotificationsCommandAccepted,
    NotificationsCommandRefused,
    NotificationsAnswer,
)
