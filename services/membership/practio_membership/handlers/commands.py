"""What people and hosts wish of one person's way in: one pattern, in which only the decision differs."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import AcceptInvitation, ApproveRequest, ChangeRole, Invite, RequestToJoin
from practio_contracts.message import Command
from practio_membership.domain import invitations, leaving, offers, refusals, removals, requests, roles, waitlist
from practio_membership.domain.changes import Turn
from practio_membership.domain.decision_context import Case, Decision
from practio_membership.domain.membership_state import Standing, newcomer
from practio_membership.handlers.apply import Asked, conclude, tidied
from practio_membership.store import Loaded

W = TypeVar("W", bound=Command)
Handler = Callable[[ReceivedMessage[W], MessageContext[Loaded]], Awaitable[Done | Refusal]]


async def request_to_join(wish: ReceivedMessage[RequestToJoin], work: MessageContext[Loaded]) -> Done | Refusal:
    """Ask for a seat: who asks is in, in line, or before the host; who is invited accepts by it."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    comer = invitations.answering(case, wish.message)
    if comer is None:
        comer = _newcomer(case, wish.message)
        behind = await work.loaded.behind_newcomers(case.state)
        case = replace(await _contested(case, work), ahead=case.state.waiting - behind)
    else:
        case = await _at_the_end(case, comer, work)
    decision = requests.request_to_join(case, wish.message, comer)
    return await _settled(case, decision, comer, wish, work, asked=wish.message)


def _newcomer(case: Case, wish: RequestToJoin) -> Standing:
    return newcomer(
        wish.room_id,
        wish.person_id,
        membership_id=uuid7(),
        by=case.by,
        now=case.now,
        wishes=wish.roles or (),
        requested_at=case.now,
    )


async def accept_invitation(wish: ReceivedMessage[AcceptInvitation], work: MessageContext[Loaded]) -> Done | Refusal:
    """Come by an invitation."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    comer = invitations.answering(case, wish.message)
    if comer:
        case = await _at_the_end(case, comer, work)
    decision = invitations.accept_invitation(case, wish.message, comer)
    return await _settled(case, decision, comer, wish, work, asked=wish.message)


async def approve_request(wish: ReceivedMessage[ApproveRequest], work: MessageContext[Loaded]) -> Done | Refusal:
    """Approve a request; a seat, or a place in line, comes with it."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    case = await _in_place(case, work)
    return await _settled(case, requests.approve_request(case, wish.message), case.standing, wish, work)


async def invite(wish: ReceivedMessage[Invite], work: MessageContext[Loaded]) -> Done | Refusal:
    """Invite a person; who has asked already is approved by it."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    case = await _in_place(case, work)
    person = invitations.invited_person(case, wish.message, membership_id=uuid7())
    return await _settled(case, invitations.invite(case, wish.message, person), person, wish, work)


async def change_role(wish: ReceivedMessage[ChangeRole], work: MessageContext[Loaded]) -> Done | Refusal:
    """Give a person in the room another role."""
    case = await _case(wish, work)
    if case is None:
        return refusals.room_unknown(work.now)
    case = await _contested(case, work)
    return await _settled(case, roles.change_role(case, wish.message), case.standing, wish, work)


def _deciding(decide: Callable[[Case, W], Decision]) -> Handler[W]:
    """Give the handler of a wish that is decided by what the room and the person are, and nothing else."""

    async def handle(wish: ReceivedMessage[W], work: MessageContext[Loaded]) -> Done | Refusal:
        case = await _case(wish, work)
        if case is None:
            return refusals.room_unknown(work.now)
        return await _settled(case, decide(case, wish.message), case.standing, wish, work)

    return handle


accept_offer = _deciding(offers.accept_offer)
decline_invitation = _deciding(invitations.decline_invitation)
decline_offer = _deciding(offers.decline_offer)
decline_request = _deciding(requests.decline_request)
lift_bar = _deciding(removals.lift_bar)
offer_seat = _deciding(offers.offer_seat)
prioritise = _deciding(waitlist.prioritise)
remove = _deciding(removals.remove)
revoke_invitation = _deciding(invitations.revoke_invitation)
revoke_offer = _deciding(offers.revoke_offer)
withdraw = _deciding(leaving.withdraw)


async def _case(wish: ReceivedMessage[Any], work: MessageContext[Loaded]) -> Case | None:
    """Give what the decision looks at, once all that is over has ended; None where the room is not known."""
    room_id, person_id = wish.message.room_id, wish.message.person_id
    known = work.loaded.state(room_id)
    if known is None:
        return None
    state = await tidied(known, wish, work)
    standing = work.loaded.standing(room_id, person_id)
    if standing and (lapsed := invitations.lapse_invitation(standing, now=work.now)):
        state = await conclude(Turn(state).tell(standing, lapsed), wish, work)
        standing = work.loaded.standing(room_id, person_id)
    return Case(state, person_id, standing, wish.actor, work.now)


async def _contested(case: Case, work: MessageContext[Loaded]) -> Case:
    return replace(case, contested=await work.loaded.contested(case.state))


async def _in_place(case: Case, work: MessageContext[Loaded]) -> Case:
    """Give the case of a person who has a place in the queue already, with how many stand before it."""
    if case.standing is None:
        return case
    ahead = bisect_left(await work.loaded.keys(case.state), case.standing.key)
    return replace(await _contested(case, work), ahead=ahead)


async def _at_the_end(case: Case, comer: Standing, work: MessageContext[Loaded]) -> Case:
    """Give the case of a person who comes after all others of their priority."""
    last = replace(comer, number=case.state.last_number + 1)
    ahead = bisect_left(await work.loaded.keys(case.state), last.key)
    return replace(await _contested(case, work), ahead=ahead)


async def _settled(
    case: Case,
    decision: Decision,
    standing: Standing | None,
    wish: ReceivedMessage[Any],
    work: MessageContext[Loaded],
    asked: Asked | None = None,
) -> Done | Refusal:
    """Keep what was decided about ``standing``, and answer with where the person stands then."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert standing is not None
        await conclude(Turn(case.state).tell(standing, decision), wish, work, asked)
    latest = work.loaded.standing(case.state.room.room_id, case.person_id)
    assert latest is not None
    return Done(latest.shown, changed=decision is not None)
