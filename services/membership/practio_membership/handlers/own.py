"""What membership wishes of itself: timers that are due, and seats still to be given."""

from practio_chassis.heard import Heard
from practio_chassis.work import Done, Work
from practio_contracts.answers import Refusal
from practio_contracts.membership import FillSeats, LapseOffer, LapseRequest
from practio_membership.domain import refusals, requests
from practio_membership.domain.room import occupancy
from practio_membership.domain.turn import Turn
from practio_membership.handlers.conclude import conclude, tidied
from practio_membership.store import Loaded


async def lapse_offer(wish: Heard[LapseOffer], work: Work[Loaded]) -> Done | Refusal:
    """End the offers of the room that are over, the one that was meant among them; one that was answered stays."""
    return await _filled(wish, work)


async def fill_seats(wish: Heard[FillSeats], work: Work[Loaded]) -> Done | Refusal:
    """Go on giving free seats to those who wait; a wish that comes late finds nothing to do."""
    return await _filled(wish, work)


async def lapse_request(wish: Heard[LapseRequest], work: Work[Loaded]) -> Done | Refusal:
    """Let go of a request that nobody answered; one that was decided, or made anew, stays."""
    known = work.loaded.state(wish.message.room_id)
    if known is None:
        return refusals.room_unknown(work.now)
    turn = Turn(await tidied(known, wish, work))
    standing = work.loaded.standing(wish.message.room_id, wish.message.person_id)
    meant = standing if standing and standing.shown.membership_id == wish.message.membership_id else None
    if meant and (fact := requests.lapse_request(meant, now=work.now)):
        turn = turn.tell(meant, fact)
    state = await conclude(turn, wish, work)
    return Done(occupancy(state), changed=state != known)


async def _filled(wish: Heard[LapseOffer] | Heard[FillSeats], work: Work[Loaded]) -> Done | Refusal:
    known = work.loaded.state(wish.message.room_id)
    if known is None:
        return refusals.room_unknown(work.now)
    state = await conclude(Turn(await tidied(known, wish, work)), wish, work)
    return Done(occupancy(state), changed=state != known)
