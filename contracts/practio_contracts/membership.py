"""What is said about memberships (contracts.md, Membership)."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from practio_contracts import answers
from practio_contracts.fields import PRIVATE, Cursor, Id, Instant, Int, Key, LongPage, LongText, ShortText, Text
from practio_contracts.message import Command, Fact, OwnCommand, Part, Query


class Status(StrEnum):
    """Where a person stands with a room (membership.md, States)."""

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


class RefusalCode(StrEnum):
    """Why membership refuses a wish or a question (membership.md, Refusal codes)."""

    ROOM_UNKNOWN = "room-unknown"
    ROOM_NOT_OPEN = "room-not-open"
    NOT_ALLOWED = "not-allowed"
    INVITATION_REQUIRED = "invitation-required"
    BARRED = "barred"
    ANSWERS_MISSING = "answers-missing"
    UNKNOWN_QUESTION = "unknown-question"
    GUIDELINES_NOT_ACCEPTED = "guidelines-not-accepted"
    REAPPLY_LATER = "reapply-later"
    WAITLIST_CLOSED = "waitlist-closed"
    WAITLIST_FULL = "waitlist-full"
    ROLE_UNKNOWN = "role-unknown"
    ROLE_FULL = "role-full"
    SEAT_TAKEN = "seat-taken"
    NOTHING_PENDING = "nothing-pending"
    ALREADY_DECIDED = "already-decided"
    OFFER_EXPIRED = "offer-expired"
    NO_OFFER = "no-offer"
    NOT_WAITING = "not-waiting"
    HOLDS_OFFICE = "holds-office"
    UNIDENTIFIED = "unidentified"
    NOT_A_MEMBER = "not-a-member"
    HOST_STAYS = "host-stays"
    INVITATION_UNKNOWN = "invitation-unknown"
    VERSION_CONFLICT = "version-conflict"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


def _not_too_long(answers: dict[str, str]) -> dict[str, str]:
    if sum(map(len, answers.values())) > 20_000:
        raise ValueError("all answers together hold at most 20,000 characters")
    return answers


Answers = Annotated[
    dict[Key, Annotated[Text, StringConstraints(max_length=5_000)]], Field(max_length=50), AfterValidator(_not_too_long)
]


class Membership(Part):
    """A membership's snapshot."""

    membership_id: Id
    room_id: Id
    person_id: Id
    role: str | None = None
    status: Status
    since: Instant
    requested_at: Instant | None = None
    offer_expires_at: Instant | None = None
    reason: Annotated[str | None, PRIVATE] = None
    by: str
    version: int


class _AboutPerson(Command):
    room_id: Id
    person_id: Id


class RequestToJoin(_AboutPerson, key="membership.request-to-join.v1"):
    """Ask for a place; ``roles`` are wished in order, ``accepted_guidelines`` is the version read."""

    roles: Annotated[list[ShortText], Field(max_length=50)] | None = None
    answers: Answers | None = None
    message: LongText | None = None
    accepted_guidelines: Int | None = None


class ApproveRequest(_AboutPerson, key="membership.approve-request.v1"):
    """Say that a person is right for the room; by host, facilitator or steward."""

    note: LongText | None = None


class DeclineRequest(_AboutPerson, key="membership.decline-request.v1"):
    """Say that a person is not right for the room; by host, facilitator or steward."""

    reason: LongText | None = None


class Withdraw(_AboutPerson, key="membership.withdraw.v1"):
    """Leave the line, or the room; by the person."""

    reason: LongText | None = None


class AcceptOffer(_AboutPerson, key="membership.accept-offer.v1"):
    """Take the seat that is offered; by the person."""


class DeclineOffer(_AboutPerson, key="membership.decline-offer.v1"):
    """Leave the seat that is offered; by the person."""


class LapseOffer(OwnCommand, key="membership.lapse-offer.v1"):
    """The time of an offer is over; said by membership to itself."""

    room_id: Id
    person_id: Id
    membership_id: Id


class LapseRequest(OwnCommand, key="membership.lapse-request.v1"):
    """The time to answer a request is over; said by membership to itself."""

    room_id: Id
    person_id: Id
    membership_id: Id


class FillSeats(OwnCommand, key="membership.fill-seats.v1"):
    """See whether a room's free seats can go to those who wait; said by membership to itself."""

    room_id: Id


class _AboutMembership(Fact):
    membership: Membership


class Requested(_AboutMembership, key="membership.requested.v1"):
    """A person asks to join; the host decides."""

    answers: Annotated[dict[str, str], PRIVATE] = {}
    message: Annotated[str | None, PRIVATE] = None


class Declined(_AboutMembership, key="membership.declined.v1"):
    """A request was declined."""


class Withdrawn(_AboutMembership, key="membership.withdrawn.v1"):
    """A person left the line or the room."""

    from_status: Status


class Ended(_AboutMembership, key="membership.ended.v1"):
    """The room was cancelled or archived, and with it every way into it."""


class Waitlisted(_AboutMembership, key="membership.waitlisted.v1"):
    """A person waits; ``ahead`` is how many stand before."""

    ahead: int


class SeatOffered(_AboutMembership, key="membership.seat-offered.v1"):
    """A seat is held for a person until ``membership.offer_expires_at``."""


class OfferLapsed(_AboutMembership, key="membership.offer-lapsed.v1"):
    """An offer was not answered in time."""


class OfferRevoked(_AboutMembership, key="membership.offer-revoked.v1"):
    """An offer was taken back."""


class OfferDeclined(_AboutMembership, key="membership.offer-declined.v1"):
    """A person left the seat that was offered."""


class RequestLapsed(_AboutMembership, key="membership.request-lapsed.v1"):
    """Nobody answered a request in time."""


class Joined(_AboutMembership, key="membership.joined.v1"):
    """A person is in the room."""

    how: How


class RoleOccupancy(Part):
    """The seats of one role; ``seats`` null: as many as the room."""

    seats: int | None
    taken: int
    held: int


class OccupancyChanged(Fact, key="membership.occupancy-changed.v1"):
    """How full a room is."""

    room_id: Id
    capacity: int
    seats_taken: int
    seats_held: int
    waiting: int
    pending: int
    by_role: dict[str, RoleOccupancy]


class GetMembership(Query, key="membership.get-membership.v1"):
    """Where a person stands with a room; result: ``MembershipShown``."""

    room_id: Id
    person_id: Id


class MembershipShown(Part):
    """The latest membership, how many stand before, and the commands open to the person now."""

    membership: Membership | None
    ahead: int | None = None
    moves: list[str]


class GetRoster(Query, key="membership.get-roster.v1"):
    """Who is in a room and who waits; for host and offices alone; result: ``Roster``."""

    room_id: Id
    status: Status | None = None
    limit: LongPage = 100
    after: Cursor | None = None


class RosterEntry(Part):
    """One person on the roster."""

    membership: Membership
    ahead: int | None
    priority: int
    answers: dict[str, str]
    message: str | None


class Roster(Part):
    """A page of a room's roster in queue order, and the counts of the whole."""

    counts: dict[Status, int]
    capacity: int
    seats_taken: int
    seats_held: int
    entries: list[RosterEntry]
    after: str | None


class GetHistory(Query, key="membership.get-history.v1"):
    """What happened to a person's way into a room; result: ``History``."""

    room_id: Id
    person_id: Id


class Change(Part):
    """One change of a membership; ``from_status`` and ``to_status`` are written ``from`` and ``to``."""

    at: Instant
    by: str
    account: str
    from_status: Annotated[Status | None, Field(alias="from")]
    to_status: Annotated[Status, Field(alias="to")]
    fact: str
    reason: str | None
    message_id: str


class History(Part):
    """All changes, oldest first."""

    changes: list[Change]


class MembershipCommandAccepted(answers.CommandAccepted, key="membership.command-accepted.v1"):
    """Membership met a wish."""


class MembershipCommandRefused(answers.CommandRefused, key="membership.command-refused.v1"):
    """Membership refused a wish."""


class MembershipAnswer(answers.Answer, key="membership.answer.v1"):
    """Membership answers a question."""


MembershipFact = (
    Requested
    | Declined
    | Withdrawn
    | Ended
    | Waitlisted
    | SeatOffered
    | OfferLapsed
    | OfferRevoked
    | OfferDeclined
    | RequestLapsed
    | Joined
)

MESSAGES = (
    RequestToJoin,
    ApproveRequest,
    DeclineRequest,
    Withdraw,
    AcceptOffer,
    DeclineOffer,
    LapseOffer,
    LapseRequest,
    FillSeats,
    Requested,
    Declined,
    Withdrawn,
    Ended,
    Waitlisted,
    SeatOffered,
    OfferLapsed,
    OfferRevoked,
    OfferDeclined,
    RequestLapsed,
    Joined,
    OccupancyChanged,
    GetMembership,
    GetRoster,
    GetHistory,
    MembershipCommandAccepted,
    MembershipCommandRefused,
    MembershipAnswer,
)
