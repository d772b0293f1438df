"""What people and hosts wish: one pattern, in which only the decision differs."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from uuid_utils.compat import uuid7

from practio_chassis.heard import Heard
from practio_chassis.work import Done, Work
from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineOffer,
    DeclineRequest,
    RequestToJoin,
    Withdraw,
)
from practio_membership.domain import leaving, offers, queue, refusals, requests
from practio_membership.domain.case import Case, Decision
from practio_membership.domain.room import Place, open_places
from practio_membership.domain.standing import Standing, asking
from practio_membership.domain.turn import Turn, person_in
from practio_membership.handlers.conclude import begun, conclude
from practio_membership.store import Loaded

Wish = RequestToJoin | ApproveRequest | DeclineRequest | Withdraw | AcceptOffer | DeclineOffer
W = TypeVar("W", ApproveRequest, DeclineRequest, Withdraw, AcceptOffer, DeclineOffer)


async def request_to_join(wish: Heard[RequestToJoin], work: Work[Loaded]) -> Done | Refusal:
    """Ask for a seat: who asks is in, in line, or before the host."""
    turn = _turn(wish, work)
    if turn is None:
        return refusals.room_unknown(work.now)
    case = replace(_case(wish, work, turn), contested=await _contested(turn, work), ahead=turn.state.waiting)
    newcomer = asking(wish.message, membership_id=uuid7(), by=wish.by, now=work.now)
    decision = requests.request_to_join(case, wish.message, newcomer)
    return await _settled(turn, decision, newcomer, wish, work)


async def approve_request(wish: Heard[ApproveRequest], work: Work[Loaded]) -> Done | Refusal:
    """Approve a request; a seat, or a place in line, comes with it."""
    turn = _turn(wish, work)
    if turn is None:
        return refusals.room_unknown(work.now)
    case = _case(wish, work, turn)
    if case.standing:
        ahead = bisect_left(await work.loaded.keys(turn.state), case.standing.key)
        case = replace(case, contested=await _contested(turn, work), ahead=ahead)
    return await _settled(turn, requests.approve_request(case, wish.message), case.standing, wish, work)


async def decline_request(wish: Heard[DeclineRequest], work: Work[Loaded]) -> Done | Refusal:
    """Decline a request."""
    return await _decided(wish, work, requests.decline_request)


async def withdraw(wish: Heard[Withdraw], work: Work[Loaded]) -> Done | Refusal:
    """Leave the line, or the room."""
    return await _decided(wish, work, leaving.withdraw)


async def accept_offer(wish: Heard[AcceptOffer], work: Work[Loaded]) -> Done | Refusal:
    """Take the seat that is offered."""
    return await _decided(wish, work, offers.accept_offer)


async def decline_offer(wish: Heard[DeclineOffer], work: Work[Loaded]) -> Done | Refusal:
    """Leave the seat that is offered."""
    return await _decided(wish, work, offers.decline_offer)


async def _decided(wish: Heard[W], work: Work[Loaded], decide: Callable[[Case, W], Decision]) -> Done | Refusal:
    turn = _turn(wish, work)
    if turn is None:
        return refusals.room_unknown(work.now)
    case = _case(wish, work, turn)
    return await _settled(turn, decide(case, wish.message), case.standing, wish, work)


def _turn(wish: Heard[Wish], work: Work[Loaded]) -> Turn | None:
    state = work.loaded.state(wish.message.room_id)
    return begun(state, work) if state else None


def _case(wish: Heard[Wish], work: Work[Loaded], turn: Turn) -> Case:
    room_id, person_id = wish.message.room_id, wish.message.person_id
    standing = person_in(turn, person_id) or work.loaded.standing(room_id, person_id)
    return Case(turn.state, person_id, standing, wish.actor, work.now)


async def _contested(turn: Turn, work: Work[Loaded]) -> frozenset[Place]:
    """Give the open places that somebody in line would take, those whom this turn sent to the end of it included."""
    just_sent = [told.after for told in turn.told]
    return await work.loaded.contested(turn.state) | queue.contested(open_places(turn.state), just_sent)


async def _settled(
    turn: Turn, decision: Decision, standing: Standing | None, wish: Heard[Wish], work: Work[Loaded]
) -> Done | Refusal:
    """Keep what was decided about ``standing``; what a refusal would have rested on is left to the timers."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert standing is not None
        turn = turn.tell(standing, decision)
    if turn.told:
        asked = wish.message if isinstance(wish.message, RequestToJoin) else None
        await conclude(turn, wish, work, asked)
    latest = work.loaded.standing(wish.message.room_id, wish.message.person_id)
    assert latest is not None
    return Done(latest.shown, changed=decision is not None)
