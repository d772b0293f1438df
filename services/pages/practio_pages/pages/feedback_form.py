"""Feedback on a session: who can give it now, and its form, which becomes a command or faults by field. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.membership import Membership, Status
from practio_contracts.rooms import GiveFeedback, Session, SessionStatus
from practio_pages.pages.field_faults import FieldFault, FieldFaults

FIELDS = ("useful", "comment")
"""The fields of the form."""

RATINGS = ("1", "2", "3", "4", "5")
"""How useful a session was, from not at all to very."""


class FeedbackClosed(StrEnum):
    """The reason why a person cannot give feedback on a session."""

    NOT_IN_ROOM = "not-in-room"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"


def joined_at(membership: Membership | None) -> datetime | None:
    """Return since when a person is in the room; None if they are not."""
    return membership.since if membership and membership.status is Status.JOINED else None


def why_closed(session: Session | None, *, joined: datetime | None, now: datetime) -> FeedbackClosed | None:
    """Return why a person who ``joined`` the room then cannot give feedback ``now``, or None if they can.

    The rules are those of rooms (README, Feedback), which decides.
    """
    if joined is None:
        return FeedbackClosed.NOT_IN_ROOM
    if session is None:
        return FeedbackClosed.UNKNOWN
    if session.status is SessionStatus.CANCELLED:
        return FeedbackClosed.CANCELLED
    if now < session.starts_at:
        return FeedbackClosed.TOO_EARLY
    return FeedbackClosed.TOO_LATE if session.ends_at <= joined else None


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the content of a form that was sent."""
    return {name: tidy(fields.get(name, "")) for name in FIELDS}


def feedback_of(form: Mapping[str, str], *, room_id: UUID, session_id: UUID) -> GiveFeedback | FieldFaults:
    """Return the command that a form stands for, or the faults of the form."""
    about = {"room_id": room_id, "session_id": session_id}
    rating = form["useful"] if form["useful"] in RATINGS else None
    try:
        return GiveFeedback.model_validate(
            about | {"useful": rating and int(rating), "comment": form["comment"] or None}
        )
    except ValidationError as error:
        return {str(each["loc"][0]): _fault(each["type"], str(each["loc"][0])) for each in error.errors()}


def _fault(kind: str, name: str) -> FieldFault:
    if name == "useful":
        return FieldFault.CHOOSE
    return FieldFault.of_text(kind)
