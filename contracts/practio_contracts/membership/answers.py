"""How membership answers and refuses."""

from enum import StrEnum

from practio_contracts import answers
from practio_contracts.fields import Id
from practio_contracts.membership.snapshot import Membership, Status
from practio_contracts.message import Part


class RefusalCode(StrEnum):
    """Why membership refuses a command or a query (contracts/README.md, Refusals)."""

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
    PERSON_ERASED = "person-erased"
    NOT_A_MEMBER = "not-a-member"
    HOST_STAYS = "host-stays"
    INVITATION_UNKNOWN = "invitation-unknown"
    VERSION_CONFLICT = "version-conflict"
    INVALID = "invalid"
    UNREADABLE = "unreadable"
    FAILED = "failed"


class MembershipCommandAccepted(answers.CommandAccepted, key="membership.command-accepted.v1"):
    """Membership met a command."""


class MembershipCommandRefused(answers.CommandRefused, key="membership.command-refused.v1"):
    """Membership refused a command."""


class MembershipAnswer(answers.Answer, key="membership.answer.v1"):
    """Membership answers a query."""


class Outcome(Part):
    """The outcome of one decision: the person's status now, and why nothing changed if it was refused."""

    person_id: Id
    accepted: bool
    status: Status | None
    code: RefusalCode | None = None
    detail: str | None = None


class Outcomes(Part):
    """The outcomes of many decisions, in the order in which they were given.

    The ``state`` of ``decide-requests`` and of ``invite-from``.
    """

    outcomes: list[Outcome]


class Buddy(Part):
    """The buddy of a person in a room, null for none: the ``state`` of ``assign-buddy``."""

    room_id: Id
    person_id: Id
    buddy_id: Id | None


class ExchangedRoles(Part):
    """The memberships after an exchange, in the order of its assignments: the ``state`` of ``exchange-roles``."""

    memberships: list[Membership]
