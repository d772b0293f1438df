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


async def request_to_join(command: ReceivedMessage[RequestToJoin], context: MessageContext[Loaded]) -> Done | Refusal:
    """Ask for a seat: who asks is in, in line, or before the host; who is invited accepts by it."""
    case = await _case(command, context)
    if case is None:
        return refusals.room_unknown(context.now)
    comer = invitations.answering(case, command.message)
    if comer is None:
        comer = _newcomer(case, command.message)
        behind = await context.loaded.behind_newcomers(case.state)
        case = replace(await _contested(case, context), ahead=case.state.waiting - behind)
    else:
        case = await _at_the_end(case, comer, context)
    decision = requests.request_to_join(case, command.message, comer)
    return await _settled(case, decision, comer, command, context, asked=command.message)


def _newcomer(case: Case, command: RequestToJoin) -> Standing:
    return newcomer(
        command.room_id,
        command.person_id,
        membership_id=uuid7(),
        by=case.by,
        now=case.now,
        wishes=command.roles or (),
        requested_at=case.now,
    )


async def accept_invitation(
    command: ReceivedMessage[AcceptInvitation], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Come by an invitation."""
    case = await _case(command, context)
    if case is None:
        return refusals.room_unknown(context.now)
    comer = invitations.answering(case, command.message)
    if comer:
        case = await _at_the_end(case, comer, context)
    decision = invitations.accept_invitation(case, command.message, comer)
    return await _settled(case, decision, comer, command, context, asked=command.message)


async def approve_request(command: ReceivedMessage[ApproveRequest], context: MessageContext[Loaded]) -> Done | Refusal:
    """Approve a request; a seat, or a place in line, comes with it."""
    case = await _case(command, context)
    if case is None:
        return refusals.room_unknown(context.now)
    case = await _in_place(case, context)
    return await _settled(case, requests.approve_request(case, command.message), case.standing, command, context)


async def invite(command: ReceivedMessage[Invite], context: MessageContext[Loaded]) -> Done | Refusal:
    """Invite a person; who has asked already is approved by it."""
    case = await _case(command, context)
    if case is None:
        return refusals.room_unknown(context.now)
    case = await _in_place(case, context)
    person = invitations.invited_person(case, command.message, membership_id=uuid7())
    return await _settled(case, invitations.invite(case, command.message, person), person, command, context)


async def change_role(command: ReceivedMessage[ChangeRole], context: MessageContext[Loaded]) -> Done | Refusal:
    """Give a person in the room another role."""
    case = await _case(command, context)
    if case is None:
        return refusals.room_unknown(context.now)
    case = await _contested(case, context)
    return await _settled(case, roles.change_role(case, command.message), case.standing, command, context)


def _deciding(decide: Callable[[Case, W], Decision]) -> Handler[W]:
    """Give the handler of a command that is decided by what the room and the person are, and nothing else."""

    async def handle(command: ReceivedMessage[W], context: MessageContext[Loaded]) -> Done | Refusal:
        case = await _case(command, context)
        if case is None:
            return refusals.room_unknown(context.now)
        return await _settled(case, decide(case, command.message), case.standing, command, context)

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


async def _case(command: ReceivedMessage[Any], context: MessageContext[Loaded]) -> Case | None:
    """Give what the decision looks at, once all that is over has ended; None where the room is not known."""
    room_id, person_id = command.message.room_id, command.message.person_id
    known = context.loaded.state(room_id)
    if known is None:
        return None
    state = await tidied(known, command, context)
    standing = context.loaded.standing(room_id, person_id)
    if standing and (lapsed := invitations.lapse_invitation(standing, now=context.now)):
        state = await conclude(Turn(state).tell(standing, lapsed), command, context)
        standing = context.loaded.standing(room_id, person_id)
    return Case(state, person_id, standing, command.actor, context.now)


async def _contested(case: Case, context: MessageContext[Loaded]) -> Case:
    return replace(case, contested=await context.loaded.contested(case.state))


async def _in_place(case: Case, context: MessageContext[Loaded]) -> Case:
    """Give the case of a person who has a place in the queue already, with how many stand before it."""
    if case.standing is None:
        return case
    ahead = bisect_left(await context.loaded.keys(case.state), case.standing.key)
    return replace(await _contested(case, context), ahead=ahead)


async def _at_the_end(case: Case, comer: Standing, context: MessageContext[Loaded]) -> Case:
    """Give the case of a person who comes after all others of their priority."""
    last = replace(comer, number=case.state.last_number + 1)
    ahead = bisect_left(await context.loaded.keys(case.state), last.key)
    return replace(await _contested(case, context), ahead=ahead)


async def _settled(
    case: Case,
    decision: Decision,
    standing: Standing | None,
    command: ReceivedMessage[Any],
    context: MessageContext[Loaded],
    asked: Asked | None = None,
) -> Done | Refusal:
    """Keep what was decided about ``standing``, and answer with where the person stands then."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert standing is not None
        await conclude(Turn(case.state).tell(standing, decision), command, context, asked)
    latest = context.loaded.standing(case.state.room.room_id, case.person_id)
    assert latest is not None
    return Done(latest.shown, changed=decision is not None)
