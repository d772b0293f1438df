"""What membership wishes of itself: timers that are due, and seats still to be given."""

from practio_chassis.heard import Heard
from practio_chassis.work import Done, Work
from practio_contracts.answers import Refusal
from practio_contracts.membership import FillSeats, LapseOffer, LapseRequest
from practio_membership.domain import refusals, requests
from practio_membership.domain.room import occupancy
from practio_membership.domain.turn import Turn
from practio_membership.handlers.conclude import begun, conclude
from practio_membership.store import Loaded


async def lapse_offer(wish: Heard[LapseOffer], work: Work[Loaded]) -> Done | Refusal:
    """End the offers of the room that are over, the one that was meant among them; one that was answered stays."""
    return await _tidied(wish, work)


async def fill_seats(wish: Heard[FillSeats], work: Work[Loaded]) -> Done | Refusal:
    """Go on giving free seats to those who wait; a wish that comes late finds nothing to do."""
    return await _tidied(wish, work)


async def lapse_request(wish: Heard[LapseRequest], work: Work[Loaded]) -> Done | Refusal:
    """Let go of a request that nobody answered; one that was decided, or made anew, stays."""
    state = work.loaded.state(wish.message.room_id)
    if state is None:
        return refusals.room_unknown(work.now)
    turn = begun(state, work)
    standing = work.loaded.standing(wish.message.room_id, wish.message.person_id)
    meant = standing if standing and standing.shown.membership_id == wish.message.membership_id else None
    if meant and (fact := requests.lapse_request(meant, now=work.now)):
        turn = turn.tell(meant, fact)
    return await _done(turn, wish, work)


async def _tidied(wish: Heard[LapseOffer] | Heard[FillSeats], work: Work[Loaded]) -> Done | Refusal:
    state = work.loaded.state(wish.message.room_id)
    return await _done(begun(state, work), wish, work) if state else refusals.room_unknown(work.now)


async def _done(
    turn: Turn, wish: Heard[LapseOffer] | Heard[LapseRequest] | Heard[FillSeats], work: Work[Loaded]
) -> Done:
    before = work.loaded.state(wish.message.room_id)
    await conclude(turn, wish, work)
    after = work.loaded.state(wish.message.room_id)
    assert after is not None
    return Done(occupancy(after), changed=after != before)
