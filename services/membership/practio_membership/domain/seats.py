"""Giving seats: which seat a person gets, and what happens without one."""

from practio_contracts.answers import Refusal
from practio_contracts.membership import How, Joined, Status, Waitlisted
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import MembershipState, next_status
from practio_membership.domain.room import Place, extra_place, in_order_of_preference, open_places


def place(
    context: DecisionContext,
    member: MembershipState,
    *,
    how: How,
    without_waitlist: Refusal,
    reason: str | None = None,
    over_capacity: bool = False,
) -> Joined | Waitlisted | Refusal:
    """Assign a person a free seat that nobody on the waitlist would take, otherwise a place on the waitlist.

    With ``over_capacity`` they get a place beyond the free seats instead. ``without_waitlist`` is the refusal if the
    room has no waitlist.
    """
    if places := free_places(context, member):
        return seated(context, member, places[0], how=how, reason=reason)
    if over_capacity:
        extra = extra_place(context.state, member.preferred_roles)
        return seated(context, member, extra, how=How.OVER_CAPACITY, reason=reason)
    if refusal := waitlist_refusal(context, member, without_waitlist):
        return refusal
    waiting = next_status(member, Status.WAITLISTED, by=context.by, at=context.now, reason=reason)
    return Waitlisted(membership=waiting, ahead=context.ahead)


def seated(
    context: DecisionContext, member: MembershipState, place: Place, *, how: How, reason: str | None = None
) -> Joined:
    """Return the event that a person has joined."""
    return Joined(
        membership=next_status(member, Status.JOINED, by=context.by, at=context.now, role=place, reason=reason), how=how
    )


def free_places(context: DecisionContext, member: MembershipState) -> list[Place]:
    """Return the places that the person may have at once, the most preferred first."""
    uncontested = [place for place in open_places(context.state) if place not in context.contested]
    return in_order_of_preference(uncontested, member.preferred_roles)


def waitlist_refusal(context: DecisionContext, member: MembershipState, without_waitlist: Refusal) -> Refusal | None:
    """Return why the person cannot join the waitlist; None if they can."""
    waitlist = context.state.room.access.waitlist
    if not waitlist.enabled:
        roles_are_full = context.state.free and not in_order_of_preference(
            open_places(context.state), member.preferred_roles
        )
        return (
            refusals.role_full(member.preferred_roles)
            if roles_are_full and member.preferred_roles
            else without_waitlist
        )
    if waitlist.limit is not None and context.state.waiting >= waitlist.limit:
        return refusals.waitlist_full(waitlist.limit)
    return None
