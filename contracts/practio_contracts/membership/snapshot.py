"""A membership's snapshot, which stands in every event about one."""

from enum import StrEnum
from typing import Annotated

from practio_contracts.fields import PRIVATE, Id, Instant
from practio_contracts.message import Part


class Status(StrEnum):
    """The status of a membership."""

    INVITED = "invited"
    REQUESTED = "requested"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    JOINED = "joined"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REMOVED = "removed"
    ENDED = "ended"


LIVE = frozenset({Status.INVITED, Status.REQUESTED, Status.WAITLISTED, Status.OFFERED, Status.JOINED})


class How(StrEnum):
    """Which way a person came to a seat."""

    OPEN = "open"
    APPROVED = "approved"
    OFFER = "offer"
    AUTOMATIC = "automatic"
    INVITATION = "invitation"
    OVER_CAPACITY = "over-capacity"


HAS_OFFICE = "holds an office in this room now, and needs no seat"
"""The reason in a membership that is withdrawn since its person got an office; readers put it in words of their own."""

HAS_SEAT_ELSEWHERE = "has a seat in the room that they were invited to from here"
"""The reason in a membership whose place on the waitlist ended by a seat in another room; as above."""


class Membership(Part):
    """A membership's snapshot; ``invitation_expires_at`` is when an invitation that stands is over.

    ``from_room_id``: the room from which the person was invited by ``membership.invite-from``; their place on its
    waitlist ends once they have a seat here.
    """

    membership_id: Id
    room_id: Id
    person_id: Id
    role: str | None = None
    status: Status
    since: Instant
    requested_at: Instant | None = None
    offer_expires_at: Instant | None = None
    invitation_expires_at: Instant | None = None
    reason: Annotated[str | None, PRIVATE] = None
    by: str
    version: int
    from_room_id: Id | None = None
