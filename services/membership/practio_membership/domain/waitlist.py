"""The queue: who is next, and ``fill``, in which every move that can free a seat ends (membership.md, Queue)."""

from collections.abc import Sequence
from datetime import datetime

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import How, Joined, Prioritise, Prioritised, SeatOffered, Status
from practio_contracts.rooms import Promotion
from practio_membership.domain import refusals
from practio_membership.domain.changes import Turn, told_of_each
from practio_membership.domain.decision_context import Case, Decision, only_the_host, only_while_it_goes_on
from practio_membership.domain.membership_state import Standing, moved, told_anew
from practio_membership.domain.offers import offered
from practio_membership.domain.room import RoomState, in_order_of_preference, open_places


def fill(state: RoomState, front: Sequence[Standing], *, now: datetime) -> Turn:
    """Give free seats to those at the front of the queue, who are in its order.

    Who wishes only roles that are full is passed over and keeps the place.
    """
    return told_of_each(Turn(state), front, lambda as_is, standing: promoted(as_is, standing, now=now))


def promoted(state: RoomState, standing: Standing, *, now: datetime) -> SeatOffered | Joined | None:
    """Tell how a person who waits comes to a free seat; None where there is none for them."""
    if not state.serves_its_queue or not standing.is_in_line:
        return None
    places = in_order_of_preference(open_places(state), standing.wishes)
    if not places:
        return None
    if state.room.access.waitlist.promotion is Promotion.AUTOMATIC:
        seated = moved(standing, Status.JOINED, by=SYSTEM, at=now, role=places[0])
        return Joined(membership=seated, how=How.AUTOMATIC)
    return offered(standing, state.room, place=places[0], by=SYSTEM, now=now)


def prioritise(case: Case, command: Prioritise) -> Decision:
    """Move a person who is on the way in; who comes first among equals stays as it was."""
    if refusal := only_the_host(case) or only_while_it_goes_on(case):
        return refusal
    standing = case.standing
    if standing is None or not standing.is_live or standing.status is Status.JOINED:
        return refusals.NOT_WAITING
    if standing.priority == command.priority:
        return None
    return Prioritised(membership=told_anew(standing, by=case.by), priority=command.priority)
