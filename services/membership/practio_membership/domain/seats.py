"""Which seat a person gets, and what becomes of who gets none."""

from practio_contracts.answers import Refusal
from practio_contracts.membership import How, Joined, Status, Waitlisted
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import Case
from practio_membership.domain.membership_state import Standing, moved
from practio_membership.domain.room import Place, extra_place, in_order_of_preference, open_places


def placed(
    case: Case,
    standing: Standing,
    *,
    how: How,
    without_waitlist: Refusal,
    reason: str | None = None,
    over_capacity: bool = False,
) -> Joined | Waitlisted | Refusal:
    """Give a person a seat where one is free that nobody who waits would take, else a place in the queue.

    With ``over_capacity`` they have a place beyond the free seats instead. ``without_waitlist`` is the refusal where
    the room keeps none.
    """
    if places := free_places(case, standing):
        return seated(case, standing, places[0], how=how, reason=reason)
    if over_capacity:
        place = extra_place(case.state, standing.wishes)
        return seated(case, standing, place, how=How.OVER_CAPACITY, reason=reason)
    if refusal := queue_refusal(case, standing, without_waitlist):
        return refusal
    waiting = moved(standing, Status.WAITLISTED, by=case.by, at=case.now, reason=reason)
    return Waitlisted(membership=waiting, ahead=case.ahead)


def seated(case: Case, standing: Standing, place: Place, *, how: How, reason: str | None = None) -> Joined:
    """Tell that a person is in the room."""
    return Joined(
        membership=moved(standing, Status.JOINED, by=case.by, at=case.now, role=place, reason=reason), how=how
    )


def free_places(case: Case, standing: Standing) -> list[Place]:
    """Give the places that the person may have at once, the dearest first."""
    uncontested = [place for place in open_places(case.state) if place not in case.contested]
    return in_order_of_preference(uncontested, standing.wishes)


def queue_refusal(case: Case, standing: Standing, without_waitlist: Refusal) -> Refusal | None:
    """Say why the person cannot join the queue; None where they can."""
    waitlist = case.state.room.access.waitlist
    if not waitlist.enabled:
        roles_are_full = case.state.free and not in_order_of_preference(open_places(case.state), standing.wishes)
        return refusals.role_full(standing.wishes) if roles_are_full and standing.wishes else without_waitlist
    if waitlist.limit is not None and case.state.waiting >= waitlist.limit:
        return refusals.waitlist_full(waitlist.limit)
    return None
