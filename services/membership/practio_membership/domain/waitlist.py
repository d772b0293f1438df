"""The waitlist: its order, and ``fill``, which follows every change that can free a seat."""

from collections.abc import Sequence
from datetime import datetime

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import How, Joined, Prioritise, Prioritised, SeatOffered, Status
from practio_contracts.rooms import Promotion
from practio_membership.domain import refusals
from practio_membership.domain.changes import Changes, with_each
from practio_membership.domain.decision_context import Decision, DecisionContext, only_before_the_end, only_the_host
from practio_membership.domain.membership_state import MembershipState, next_status, next_version
from practio_membership.domain.offers import offer
from practio_membership.domain.room import RoomState, in_order_of_preference, open_places


def fill(state: RoomState, front: Sequence[MembershipState], *, now: datetime) -> Changes:
    """Assign free seats to the people at the front of the waitlist, in order.

    A person whose preferred roles are all full is passed over and keeps their position.
    """
    return with_each(Changes(state), front, lambda as_is, member: promotion(as_is, member, now=now))


def promotion(state: RoomState, member: MembershipState, *, now: datetime) -> SeatOffered | Joined | None:
    """Return how a waiting person gets a free seat; None if there is none for them."""
    if not state.serves_its_waitlist or not member.is_waiting_in_order:
        return None
    places = in_order_of_preference(open_places(state), member.preferred_roles)
    if not places:
        return None
    if state.room.access.waitlist.promotion is Promotion.AUTOMATIC:
        seated = next_status(member, Status.JOINED, by=SYSTEM, at=now, role=places[0])
        return Joined(membership=seated, how=How.AUTOMATIC)
    return offer(member, state.room, place=places[0], by=SYSTEM, now=now)


def prioritise(context: DecisionContext, command: Prioritise) -> Decision:
    """Change a person's priority; the order among equal priorities stays as it was."""
    if refusal := only_the_host(context) or only_before_the_end(context):
        return refusal
    member = context.member
    if member is None or not member.is_live or member.status is Status.JOINED:
        return refusals.NOT_WAITING
    if member.priority == command.priority:
        return None
    return Prioritised(membership=next_version(member, by=context.by), priority=command.priority)
