"""Letters that come back, answers that calendars send to them, and addresses that receive no more letters."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from practio_contracts.fields import ECHOED, Id, Instant, Int, Text
from practio_contracts.message import Command, Event, Part
from practio_contracts.notifications.people import MailAddress


class BounceKind(StrEnum):
    """Why a letter came back; ``refused``: the address lives, and did not take this one letter."""

    HARD = "hard"
    SOFT = "soft"
    REFUSED = "refused"
    COMPLAINT = "complaint"


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


class _AboutAddress(Event):
    person_id: Id
    kind: BounceKind


class AddressSuppressed(_AboutAddress, key="notifications.address-suppressed.v1"):
    """A person's address receives no more letters; ``kind`` is the kind of bounce."""


class SuppressionLifted(_AboutAddress, key="notifications.suppression-lifted.v1"):
    """A person's address is written to again."""
