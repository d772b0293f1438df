"""The messages about letters."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts import answers
from practio_contracts.fields import (
    ECHOED,
    Cursor,
    Flag,
    Id,
    Instant,
    Int,
    Language,
    LongPage,
    ShortText,
    Text,
    TimeZone,
)
from practio_contracts.message import Command, CommandPart, Event, Part, Query
from practio_contracts.personal_data import ExportPersonQuery


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


class RequestsDigest(StrEnum):
    """How often host and offices read of new requests."""

    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class Activity(StrEnum):
    """How often people read what hosts wrote to their rooms, and a host who joined, left or declined."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    OFF = "off"


class BounceKind(StrEnum):
    """Why a letter came back; ``refused``: the address lives, and did not take this one letter."""

    HARD = "hard"
    SOFT = "soft"
    REFUSED = "refused"
    COMPLAINT = "complaint"


TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall clock's hour and minute, as ``HH:MM``."""

MailAddress = Annotated[Text, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]


class QuietHours(CommandPart):
    """The hours, in the person's zone, in which no letter leaves that can wait.

    They go past midnight if ``to`` is the earlier one.
    """

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]


_USUAL_QUIET = QuietHours.model_validate({"from": "21:00", "to": "08:00"})


class SetPreferences(Command, key="notifications.set-preferences.v1"):
    """Set which letters are sent, and when. Replaces all preferences; omitted ones get their defaults.

    Transactional letters are always sent. ``quiet_hours`` null: no quiet hours.
    """

    person_id: Id
    requests_digest: RequestsDigest | None = RequestsDigest.AT_ONCE
    activity: Activity | None = Activity.DAILY
    reminders: Flag = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: Annotated[list[Id], Field(max_length=1_000)] | None = []


class GetPreferences(Query, key="notifications.get-preferences.v1"):
    """Show which letters a person wants, and when; people see their own; result: ``PreferencesFound``."""

    person_id: Id


class Preferences(Part):
    """The letters that a person wants, and when; the defaults for a person who has set nothing."""

    person_id: Id
    requests_digest: RequestsDigest = RequestsDigest.AT_ONCE
    activity: Activity = Activity.DAILY
    reminders: bool = True
    quiet_hours: QuietHours | None = _USUAL_QUIET
    muted_room_ids: list[Id] = []


class Introduction(Part):
    """A person who is known by an address alone: neither a directory nor they themselves have registered them.

    ``email`` is the address with which they may register; null if somebody who is registered has it.
    """

    email: str | None


class PreferencesFound(Preferences):
    """The preferences of a person, and the version of their links: those made with another one have ended.

    ``link_version`` is missing in answers of releases that end no links. ``calendar_version`` rises when the address of
    the person's calendar ends by itself. ``introduction`` is there while the person may
    still introduce themselves; null for people who are registered, and if this installation lets nobody do so.
    """

    link_version: int | None = None
    calendar_version: int = 0
    introduction: Introduction | None = None


class ReportBounce(Command, key="notifications.report-bounce.v1"):
    """Report that a letter bounced, or that its reader complained; ``detail`` is for operators."""

    email: Annotated[MailAddress, ECHOED]
    kind: BounceKind
    letter_id: Id | None = None
    detail: Annotated[Text, StringConstraints(max_length=1_000)] | None = None


class ReportReply(Command, key="notifications.report-reply.v1"):
    """Report that a calendar answered an entry (METHOD:REPLY of RFC 5546), and learn whose answer it is.

    ``reply_id`` is in the address to which it went, the organiser's of that entry. ``session_id`` is its UID, ``email``
    the address of its ATTENDEE, ``sequence`` its SEQUENCE, ``replied_at`` its DTSTAMP. All must be those of the newest
    entry that this reader was sent. The system that reports it then sends
    ``rooms.answer-session.v1`` as that person.
    """

    reply_id: Id
    session_id: Id
    email: Annotated[MailAddress, ECHOED]
    sequence: Annotated[Int, Field(ge=0, le=2_147_483_647)]
    replied_at: Instant


CALENDAR_REPLY = "calendar-reply/"
"""How the correlation of an answer to a session begins that a calendar gave: earlier than rooms accepts it."""


class ReplyMatched(Part):
    """The answer to a calendar's reply: which person answers about which session of which room."""

    email: str
    person_id: Id
    room_id: Id
    session_id: Id


class LiftSuppression(Command, key="notifications.lift-suppression.v1"):
    """Write to an address again."""

    email: Annotated[MailAddress, ECHOED]


class Suppression(Part):
    """Whether an address is suppressed; ``kind`` is the kind of bounce that caused it."""

    email: str
    suppressed: bool
    kind: BounceKind | None = None


class ResendLetter(Command, key="notifications.resend-letter.v1"):
    """Send a letter once more that failed, was suppressed, or of which nobody knows whether it left."""

    letter_id: Id


class SendLink(Command, key="notifications.send-link.v1"):
    """Send the people with this address a link to their own pages; nobody learns whether there are any.

    ``room_id``: the room that they looked at, to which the link then leads. ``locale`` is the language of the letter to
    an address that nobody knows yet, if people may introduce themselves.
    """

    email: Annotated[MailAddress, ECHOED]
    room_id: Id | None = None
    locale: Language | None = None


class LinkAsked(Part):
    """The answer to a request for a link: never whether anybody has that address."""

    email: str


def _one_line(name: str) -> str:
    if re.search(r"[\n\t]", name):
        raise ValueError("a name has no line breaks or tabs")
    return name


class Introduce(Command, key="notifications.introduce.v1"):
    """Learn the id of the person with an address, or give the address an id, so that the person can be invited.

    For the offices of the room; without ``room_id`` for the system. Nobody learns whether the person was known.
    """

    email: MailAddress
    display_name: Annotated[ShortText, AfterValidator(_one_line)] | None = None
    locale: Language | None = None
    time_zone: TimeZone | None = None
    room_id: Id | None = None


class Introduced(Part):
    """The answer to an introduction: the person's id, and no more."""

    person_id: Id


class EndedLinks(StrEnum):
    """Links that end by themselves, while all others go on."""

    CALENDAR = "calendar"


class EndLinks(Command, key="notifications.end-links.v1"):
    """End every link that a person has received so far: pages then answer that it no longer works.

    Links also end when the person's address changes, and when they are erased. With ``only``, the address of their
    calendar ends and no other link.
    """

    person_id: Id
    only: EndedLinks | None = None


class LinkVersion(Part):
    """The versions of a person's links, and of the address of their calendar: those made with others have ended."""

    person_id: Id
    version: int
    calendar_version: int = 0

    @property
    def of_calendar(self) -> int:
        """Return the version that the address of the calendar carries: it ends with all links, and by itself."""
        return self.version + self.calendar_version


class NamePeople(Query, key="notifications.name-people.v1"):
    """Names of people in a room: all to its host and offices; to others those of host and offices; result: ``Names``.

    People with seats meet, and see one another's names too; everybody sees their own.

    People who are unknown, or whose names the actor may not see, are left out.
    """

    room_id: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class Named(Part):
    """A person and their name."""

    person_id: Id
    display_name: str


class Names(Part):
    """People by name, in the order in which they were asked for."""

    people: list[Named]


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


class _AboutAddress(Event):
    person_id: Id
    kind: BounceKind


class AddressSuppressed(_AboutAddress, key="notifications.address-suppressed.v1"):
    """A person's address receives no more letters; ``kind`` is the kind of bounce."""


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


class ExportPerson(ExportPersonQuery, key="notifications.export-person.v1"):
    """Return what notifications stores about a person, for that person and the system; result: ``PersonExport``.

    Name and addresses, preferences, and which letters went to them; nothing about other people.
    """


class NotificationsCommandAccepted(answers.CommandAccepted, key="notifications.command-accepted.v1"):
    """Notifications met a command."""


class NotificationsCommandRefused(answers.CommandRefused, key="notifications.command-refused.v1"):
    """Notifications refused a command."""


class NotificationsAnswer(answers.Answer, key="notifications.answer.v1"):
    """Notifications answers a query."""


MESSAGES = (
    SetPreferences,
    ReportBounce,
    ReportReply,
    LiftSuppression,
    ResendLetter,
    SendLink,
    Introduce,
    EndLinks,
    LetterSent,
    LetterFailed,
    LetterSkipped,
    AddressSuppressed,
    SuppressionLifted,
    ListLetters,
    GetPreferences,
    NamePeople,
    ExportPerson,
    NotificationsCommandAccepted,
    NotificationsCommandRefused,
    NotificationsAnswer,
)
