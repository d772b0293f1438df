"""What happened to a membership, and how full a room is."""

from typing import Annotated

from practio_contracts.fields import PRIVATE, Id
from practio_contracts.membership.snapshot import How, Membership, Status
from practio_contracts.message import Fact, Part


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
