"""Offers: making, accepting, declining, lapsing, revoking."""

from datetime import datetime

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptOffer,
    DeclineOffer,
    How,
    OfferDeclined,
    OfferLapsed,
    OfferRevoked,
    OfferSeat,
    RevokeOffer,
    SeatOffered,
    Status,
)
from practio_contracts.rooms import AfterLapse, Room
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import (
    Decision,
    DecisionContext,
    only_before_the_end,
    only_the_host,
    only_the_person,
)
from practio_membership.domain.membership_state import MembershipState, next_status
from practio_membership.domain.offer_expiry import offer_expiry
from practio_membership.domain.room import Place, extra_place, in_order_of_preference, open_places
from practio_membership.domain.seats import seated


def offer(
    member: MembershipState, room: Room, *, place: Place, by: str, now: datetime, over_capacity: bool = False
) -> SeatOffered:
    """Hold a seat for a person until the offer is over."""
    expires_at = offer_expiry(
        now,
        window_hours=room.access.waitlist.offer_window_hours,
        time_zone=room.time_zone,
        next_session_at=room.next_session_at,
    )
    return SeatOffered(
        membership=next_status(member, Status.OFFERED, by=by, at=now, role=place, offer_expires_at=expires_at),
        over_capacity=over_capacity,
    )


def offer_seat(context: DecisionContext, command: OfferSeat) -> Decision:
    """Offer a seat out of order to a person on the waitlist; a standing offer stays as it is."""
    if refusal := only_the_host(context) or only_before_the_end(context):
        return refusal
    member = context.member
    if member is not None and member.status is Status.OFFERED:
        return None
    if member is None or member.status is not Status.WAITLISTED:
        return refusals.NOT_WAITING
    if places := in_order_of_preference(open_places(context.state), member.preferred_roles):
        return offer(member, context.state.room, place=places[0], by=context.by, now=context.now)
    if not command.over_capacity:
        return refusals.NO_SEAT_TO_OFFER
    place = extra_place(context.state, member.preferred_roles)
    return offer(member, context.state.room, place=place, by=context.by, now=context.now, over_capacity=True)


def accept_offer(context: DecisionContext, command: AcceptOffer) -> Decision:
    """Take the seat that is held, whatever else has become of the room."""
    member = only_the_person(context) or _standing_offer(context)
    if isinstance(member, Refusal):
        return member
    how = How.OVER_CAPACITY if member.over_capacity else How.OFFER
    return seated(context, member, member.snapshot.role, how=how)


def decline_offer(context: DecisionContext, command: DeclineOffer) -> Decision:
    """Leave the seat, and the waitlist with it."""
    member = only_the_person(context) or _standing_offer(context)
    if isinstance(member, Refusal):
        return member
    return OfferDeclined(membership=next_status(member, Status.WITHDRAWN, by=context.by, at=context.now))


def revoke_offer(context: DecisionContext, command: RevokeOffer) -> Decision:
    """Take an offer back; the person waits on, in the same place."""
    member = only_the_host(context) or _standing_offer(context)
    if isinstance(member, Refusal):
        return member
    return revoked(member, by=context.by, now=context.now)


def _standing_offer(context: DecisionContext) -> MembershipState | Refusal:
    if refusal := only_before_the_end(context):
        return refusal
    member = context.member
    if member is None:
        return refusals.NO_OFFER
    if member.status is Status.OFFERED:
        return member
    return refusals.offer_expired(member.lapsed_at) if member.lapsed_at else refusals.NO_OFFER


def lapse_offer(member: MembershipState, after_lapse: AfterLapse, *, now: datetime) -> OfferLapsed | None:
    """Lapse an expired offer as of its expiry; None if it still stands."""
    expires_at = member.snapshot.offer_expires_at
    if member.status is not Status.OFFERED or expires_at is None or now < expires_at:
        return None
    status = Status.WAITLISTED if after_lapse is AfterLapse.REQUEUE else Status.LAPSED
    return OfferLapsed(membership=next_status(member, status, by=SYSTEM, at=expires_at))


def revoked(member: MembershipState, *, by: str, now: datetime) -> OfferRevoked:
    """Take an offer back: the person keeps the place on the waitlist, and is not offered a seat again by itself."""
    return OfferRevoked(membership=next_status(member, Status.WAITLISTED, by=by, at=now))
