"""What membership wishes of itself: timers that are due, and seats still to be given."""

from collections.abc import Callable

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    EndMemberships,
    FillSeats,
    LapseInvitation,
    LapseOffer,
    LapseRequest,
    MembershipEvent,
    RemindOfRequest,
)
from practio_membership.domain import invitations, refusals, requests
from practio_membership.domain.changes import Turn
from practio_membership.domain.membership_state import Standing
from practio_membership.domain.room import occupancy
from practio_membership.handlers.apply import conclude, tidied
from practio_membership.handlers.ending import end_memberships
from practio_membership.store import Loaded


async def lapse_offer(wish: ReceivedMessage[LapseOffer], work: MessageContext[Loaded]) -> Done | Refusal:
    """End the offers of the room that are over, the one that was meant among them; one that was answered stays."""
    return await _filled(wish, work)


async def fill_seats(wish: ReceivedMessage[FillSeats], work: MessageContext[Loaded]) -> Done | Refusal:
    """Go on giving free seats to those who wait; a wish that comes late finds nothing to do."""
    return await _filled(wish, work)


async def lapse_request(wish: ReceivedMessage[LapseRequest], work: MessageContext[Loaded]) -> Done | Refusal:
    """Let go of a request that nobody answered; one that was decided, or made anew, stays."""
    return await _told(wish, work, lambda standing: requests.lapse_request(standing, now=work.now))


async def remind_of_request(wish: ReceivedMessage[RemindOfRequest], work: MessageContext[Loaded]) -> Done | Refusal:
    """Tell that a request still waits; one that was decided meanwhile does not."""
    return await _told(wish, work, lambda standing: requests.remind_of_request(standing, days=wish.message.days))


async def lapse_invitation(wish: ReceivedMessage[LapseInvitation], work: MessageContext[Loaded]) -> Done | Refusal:
    """End an invitation that nobody answered in time; one that was answered stays so."""
    return await _told(wish, work, lambda standing: invitations.lapse_invitation(standing, now=work.now))


async def go_on_ending(wish: ReceivedMessage[EndMemberships], work: MessageContext[Loaded]) -> Done | Refusal:
    """Go on ending what is live in a room that is over."""
    known = work.loaded.state(wish.message.room_id)
    if known is None:
        return refusals.room_unknown(work.now)
    state = await end_memberships(known, wish, work, by=wish.message.by, reason=wish.message.reason)
    return Done(occupancy(state), changed=state != known)


OfOne = LapseRequest | RemindOfRequest | LapseInvitation


async def _told(
    wish: ReceivedMessage[OfOne], work: MessageContext[Loaded], tell: Callable[[Standing], MembershipEvent | None]
) -> Done | Refusal:
    """Tell what the time has brought to the membership that was meant; a later one of the same person stays."""
    known = work.loaded.state(wish.message.room_id)
    if known is None:
        return refusals.room_unknown(work.now)
    turn = Turn(await tidied(known, wish, work))
    standing = work.loaded.standing(wish.message.room_id, wish.message.person_id)
    meant = standing if standing and standing.shown.membership_id == wish.message.membership_id else None
    if meant and turn.state.goes_on and (fact := tell(meant)):
        turn = turn.tell(meant, fact)
    state = await conclude(turn, wish, work)
    return Done(occupancy(state), changed=state != known)


async def _filled(
    wish: ReceivedMessage[LapseOffer] | ReceivedMessage[FillSeats], work: MessageContext[Loaded]
) -> Done | Refusal:
    known = work.loaded.state(wish.message.room_id)
    if known is None:
        return refusals.room_unknown(work.now)
    state = await conclude(Turn(await tidied(known, wish, work)), wish, work)
    return Done(occupancy(state), changed=state != known)
