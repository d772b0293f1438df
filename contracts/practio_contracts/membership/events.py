"""The events about memberships and occupancy."""

from typing import Annotated

from practio_contracts.fields import PRIVATE, Id
from practio_contracts.membership.snapshot import How, Membership, Status
from practio_contracts.message import Event, Part
from practio_contracts.rooms.seats import free_seats


class _AboutMembership(Event):
    membership: Membership


class Requested(_AboutMembership, key="membership.requested.v1"):
    """A person asks to join; the host decides."""

    answers: Annotated[dict[str, str], PRIVATE] = {}
    message: Annotated[str | None, PRIVATE] = None


class Declined(_AboutMembership, key="membership.declined.v1"):
    """A request was declined."""


class Withdrawn(_AboutMembership, key="membership.withdrawn.v1"):
    """A person left the waitlist or the room."""

    from_status: Status


class Ended(_AboutMembership, key="membership.ended.v1"):
    """The room was cancelled or archived, and with it every way into it."""


class Waitlisted(_AboutMembership, key="membership.waitlisted.v1"):
    """A person waits; ``ahead`` is how many stand before."""

    ahead: int


class Removed(_AboutMembership, key="membership.removed.v1"):
    """The host took a person out of the room; ``barred``: they may not ask again until the bar is lifted."""

    barred: bool


class SeatOffered(_AboutMembership, key="membership.seat-offered.v1"):
    """A seat is held for a person until ``membership.offer_expires_at``.

    ``over_capacity``: none was free, and the host gave a place beyond them.
    """

    over_capacity: bool = False


class OfferLapsed(_AboutMembership, key="membership.offer-lapsed.v1"):
    """An offer was not answered in time."""


class OfferRevoked(_AboutMembership, key="membership.offer-revoked.v1"):
    """An offer was taken back."""


class OfferDeclined(_AboutMembership, key="membership.offer-declined.v1"):
    """A person left the seat that was offered."""


class RequestLapsed(_AboutMembership, key="membership.request-lapsed.v1"):
    """Nobody answered a request in time."""


class RequestUnanswered(_AboutMembership, key="membership.request-unanswered.v1"):
    """A request has waited for a decision for so many ``days``: 3 or 7."""

    days: int


class Invited(_AboutMembership, key="membership.invited.v1"):
    """A person is invited, until ``membership.invitation_expires_at``; ``over_capacity``: into a full room too."""

    over_capacity: bool = False
    message: Annotated[str | None, PRIVATE] = None


class InvitationDeclined(_AboutMembership, key="membership.invitation-declined.v1"):
    """A person declined an invitation."""


class InvitationLapsed(_AboutMembership, key="membership.invitation-lapsed.v1"):
    """An invitation was taken back, or not answered in time."""


class RoleChanged(_AboutMembership, key="membership.role-changed.v1"):
    """A person in the room has another role: ``membership.role``."""

    from_role: str | None = None


class Prioritised(_AboutMembership, key="membership.prioritised.v1"):
    """The host set a person's priority on the waitlist: the higher ``priority`` comes first."""

    priority: int


class BarLifted(_AboutMembership, key="membership.bar-lifted.v1"):
    """A removed person may request to join again."""


class BuddyAssigned(Event, key="membership.buddy-assigned.v1"):
    """A person in a room has another buddy; null: none any more, also because one of the two left."""

    room_id: Id
    person_id: Id
    buddy_id: Id | None


class Joined(_AboutMembership, key="membership.joined.v1"):
    """A person is in the room."""

    how: How


class MembershipReplayed(_AboutMembership, key="membership.said-again.v1"):
    """The present state of a membership, published again for consumers that may have missed it; nothing happened to it.

    A membership that membership does not know (any more) is published as withdrawn, by the system.
    """


class RoleOccupancy(Part):
    """The seats of one role; ``seats`` null: as many as the room."""

    seats: int | None
    taken: int
    held: int


class OccupancyChanged(Event, key="membership.occupancy-changed.v1"):
    """How full a room is; ``over_capacity`` of its places were given beyond the seats that were free.

    ``viable``: somebody is in the room, and in every role that its format cannot do without. ``seats_free`` is how many
    seats somebody can still take: fewer than the capacity leaves if the roles add up to less.
    """

    room_id: Id
    capacity: int
    seats_taken: int
    seats_held: int
    waiting: int
    pending: int
    by_role: dict[str, RoleOccupancy]
    over_capacity: int = 0
    viable: bool | None = None
    seats_free: int | None = None

    @property
    def free(self) -> int:
        """Return the seats that somebody can still take; of an event of an earlier release, from its figures."""
        if self.seats_free is not None:
            return self.seats_free
        # A role without seats is one that the room no longer has.
        roles = ((role.seats, role.taken + role.held) for role in self.by_role.values() if role.seats != 0)
        return free_seats(self.capacity, self.seats_taken + self.seats_held, roles)


MembershipEvent = (
    Requested
    | Declined
    | Withdrawn
    | Removed
    | Ended
    | Waitlisted
    | SeatOffered
    | OfferLapsed
    | OfferRevoked
    | OfferDeclined
    | RequestUnanswered
    | RequestLapsed
    | Invited
    | InvitationDeclined
    | InvitationLapsed
    | RoleChanged
    | Prioritised
    | BarLifted
    | Joined
    | MembershipReplayed
)
