"""Offers: making, accepting, declining, lapsing, revoking (membership.md, Offers)."""

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
    Case,
    Decision,
    only_the_host,
    only_the_person,
    only_while_it_goes_on,
)
from practio_membership.domain.membership_state import Standing, moved
from practio_membership.domain.offer_expiry import offer_expiry
from practio_membership.domain.room import Place, extra_place, in_order_of_preference, open_places
from practio_membership.domain.seats import seated


def offered(
    standing: Standing, room: Room, *, place: Place, by: str, now: datetime, over_capacity: bool = False
) -> SeatOffered:
    """Hold a seat for a person until the offer is over."""
    expires_at = offer_expiry(
        now,
        window_hours=room.access.waitlist.offer_window_hours,
        time_zone=room.time_zone,
        next_session_at=room.next_session_at,
    )
    return SeatOffered(
        membership=moved(standing, Status.OFFERED, by=by, at=now, role=place, offer_expires_at=expires_at),
        over_capacity=over_capacity,
    )


def offer_seat(case: Case, command: OfferSeat) -> Decision:
    """Offer a seat out of turn, to whoever the host chooses of those who wait; one that stands stays as it is."""
    if refusal := only_the_host(case) or only_while_it_goes_on(case):
        return refusal
    standing = case.standing
    if standing is not None and standing.status is Status.OFFERED:
        return None
    if standing is None or standing.status is not Status.WAITLISTED:
        return refusals.NOT_WAITING
    if places := in_order_of_preference(open_places(case.state), standing.wishes):
        return offered(standing, case.state.room, place=places[0], by=case.by, now=case.now)
    if not command.over_capacity:
        return refusals.NO_SEAT_TO_OFFER
    place = extra_place(case.state, standing.wishes)
    return offered(standing, case.state.room, place=place, by=case.by, now=case.now, over_capacity=True)


def accept_offer(case: Case, command: AcceptOffer) -> Decision:
    """Take the seat that is held, whatever else has become of the room."""
    standing = only_the_person(case) or _standing_offer(case)
    if isinstance(standing, Refusal):
        return standing
    how = How.OVER_CAPACITY if standing.over_capacity else How.OFFER
    return seated(case, standing, standing.shown.role, how=how)


def decline_offer(case: Case, command: DeclineOffer) -> Decision:
    """Leave the seat, and the line with it."""
    standing = only_the_person(case) or _standing_offer(case)
    if isinstance(standing, Refusal):
        return standing
    return OfferDeclined(membership=moved(standing, Status.WITHDRAWN, by=case.by, at=case.now))


def revoke_offer(case: Case, command: RevokeOffer) -> Decision:
    """Take an offer back; the person waits on, in the same place."""
    standing = only_the_host(case) or _standing_offer(case)
    if isinstance(standing, Refusal):
        return standing
    return revoked(standing, by=case.by, now=case.now)


def _standing_offer(case: Case) -> Standing | Refusal:
    if refusal := only_while_it_goes_on(case):
        return refusal
    standing = case.standing
    if standing is None:
        return refusals.NO_OFFER
    if standing.status is Status.OFFERED:
        return standing
    return refusals.offer_expired(standing.lapsed_at) if standing.lapsed_at else refusals.NO_OFFER


def lapse_offer(standing: Standing, after_lapse: AfterLapse, *, now: datetime) -> OfferLapsed | None:
    """End an offer that is over, as of the instant at which it was; None where it stands."""
    expires_at = standing.shown.offer_expires_at
    if standing.status is not Status.OFFERED or expires_at is None or now < expires_at:
        return None
    status = Status.WAITLISTED if after_lapse is AfterLapse.REQUEUE else Status.LAPSED
    return OfferLapsed(membership=moved(standing, status, by=SYSTEM, at=expires_at))


def revoked(standing: Standing, *, by: str, now: datetime) -> OfferRevoked:
    """Take an offer back: the person keeps the place in the queue, and is not offered a seat again by itself."""
    return OfferRevoked(membership=moved(standing, Status.WAITLISTED, by=by, at=now))
