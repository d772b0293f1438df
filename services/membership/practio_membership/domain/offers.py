"""Offers: making, accepting, declining, lapsing, revoking (membership.md, Offers)."""

from datetime import datetime

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptOffer,
    DeclineOffer,
    How,
    Joined,
    OfferDeclined,
    OfferLapsed,
    OfferRevoked,
    SeatOffered,
    Status,
)
from practio_contracts.rooms import AfterLapse, Room
from practio_membership.domain import refusals
from practio_membership.domain.case import Case, Decision, only_the_person, only_while_it_goes_on
from practio_membership.domain.room import Place
from practio_membership.domain.standing import Standing, moved
from practio_membership.domain.window import offer_expiry


def offer_seat(standing: Standing, room: Room, *, place: Place, now: datetime) -> SeatOffered:
    """Hold a seat for a person until the offer is over."""
    expires_at = offer_expiry(
        now,
        window_hours=room.access.waitlist.offer_window_hours,
        time_zone=room.time_zone,
        next_session_at=room.next_session_at,
    )
    return SeatOffered(
        membership=moved(standing, Status.OFFERED, by=SYSTEM, at=now, role=place, offer_expires_at=expires_at)
    )


def accept_offer(case: Case, wish: AcceptOffer) -> Decision:
    """Take the seat that is held, whatever else has become of the room."""
    offered = _standing_offer(case)
    if isinstance(offered, Refusal):
        return offered
    seated = moved(offered, Status.JOINED, by=case.by, at=case.now, role=offered.shown.role)
    return Joined(membership=seated, how=How.OFFER)


def decline_offer(case: Case, wish: DeclineOffer) -> Decision:
    """Leave the seat, and the line with it."""
    offered = _standing_offer(case)
    if isinstance(offered, Refusal):
        return offered
    return OfferDeclined(membership=moved(offered, Status.WITHDRAWN, by=case.by, at=case.now))


def _standing_offer(case: Case) -> Standing | Refusal:
    if refusal := only_the_person(case) or only_while_it_goes_on(case):
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


def revoke_offer(standing: Standing, *, by: str, now: datetime) -> OfferRevoked:
    """Take an offer back: the person keeps the place in the queue, and is not offered a seat again by itself."""
    return OfferRevoked(membership=moved(standing, Status.WAITLISTED, by=by, at=now))
