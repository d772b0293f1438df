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
from practio_membership.domain import leaving, offers, refusals, requests
from practio_membership.domain.case import Case, Decision
from practio_membership.domain.standing import Standing, asking
from practio_membership.domain.turn import Turn
from practio_membership.handlers.conclude import conclude, tidied
from practio_membership.store import Loaded

Wish = RequestToJoin | ApproveRequest | DeclineRequest | Withdraw | AcceptOffer | DeclineOffer
W = TypeVar("W", ApproveRequest, DeclineRequest, Withdraw, AcceptOffer, DeclineOffer)


async def request_to_join(wish: Heard[RequestToJoin], work: Work[Loaded]) -> Done | Refusal:
    """Ask for a seat: who asks is in, in line, or before the host."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    case = replace(case, contested=await work.loaded.contested(case.state), ahead=case.state.waiting)
    newcomer = asking(wish.message, membership_id=uuid7(), by=wish.by, now=work.now)
    return await _settled(case, requests.request_to_join(case, wish.message, newcomer), newcomer, wish, work)


async def approve_request(wish: Heard[ApproveRequest], work: Work[Loaded]) -> Done | Refusal:
    """Approve a request; a seat, or a place in line, comes with it."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    if case.standing:
        ahead = bisect_left(await work.loaded.keys(case.state), case.standing.key)
        case = replace(case, contested=await work.loaded.contested(case.state), ahead=ahead)
    return await _settled(case, requests.approve_request(case, wish.message), case.standing, wish, work)


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
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    return await _settled(case, decide(case, wish.message), case.standing, wish, work)


async def _case(wish: Heard[Wish], work: Work[Loaded]) -> Case | None:
    """Give what the decision looks at, in a room without offers that are over; None where the room is not known."""
    room_id, person_id = wish.message.room_id, wish.message.person_id
    known = work.loaded.state(room_id)
    if known is None:
        return None
    state = await tidied(known, wish, work)
    return Case(state, person_id, work.loaded.standing(room_id, person_id), wish.actor, work.now)


async def _settled(
    case: Case, decision: Decision, standing: Standing | None, wish: Heard[Wish], work: Work[Loaded]
) -> Done | Refusal:
    """Keep what was decided about ``standing``, and answer with where the person stands then."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert standing is not None
        asked = wish.message if isinstance(wish.message, RequestToJoin) else None
        await conclude(Turn(case.state).tell(standing, decision), wish, work, asked)
    latest = work.loaded.standing(case.state.room.room_id, case.person_id)
    assert latest is not None
    return Done(latest.shown, changed=decision is not None)
