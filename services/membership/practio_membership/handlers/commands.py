"""Handlers of the commands about one person's membership: one pattern, in which only the decision differs."""

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
from practio_membership.domain.changes import Changes
from practio_membership.domain.decision_context import Decision, DecisionContext
from practio_membership.domain.membership_state import MembershipState, newcomer
from practio_membership.handlers.apply import Asked, apply, lapse_overdue
from practio_membership.store import Loaded

W = TypeVar("W", bound=Command)
Handler = Callable[[ReceivedMessage[W], MessageContext[Loaded]], Awaitable[Done | Refusal]]


async def request_to_join(command: ReceivedMessage[RequestToJoin], context: MessageContext[Loaded]) -> Done | Refusal:
    """Request to join: the person joins, waits, or has a pending request; an invited person accepts by it."""
    decision_context = await _decision_context(command, context)
    if decision_context is None:
        return refusals.room_unknown(context.now)
    comer = invitations.invited_as(decision_context, command.message)
    if comer is None:
        comer = _newcomer(decision_context, command.message)
        behind = await context.loaded.behind_newcomers(decision_context.state)
        decision_context = replace(
            await _contested(decision_context, context), ahead=decision_context.state.waiting - behind
        )
    else:
        decision_context = await _at_the_end(decision_context, comer, context)
    decision = requests.request_to_join(decision_context, command.message, comer)
    return await _applied(decision_context, decision, comer, command, context, asked=command.message)


def _newcomer(decision_context: DecisionContext, command: RequestToJoin) -> MembershipState:
    return newcomer(
        command.room_id,
        command.person_id,
        membership_id=uuid7(),
        by=decision_context.by,
        now=decision_context.now,
        preferred_roles=command.roles or (),
        requested_at=decision_context.now,
    )


async def accept_invitation(
    command: ReceivedMessage[AcceptInvitation], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Come by an invitation."""
    decision_context = await _decision_context(command, context)
    if decision_context is None:
        return refusals.room_unknown(context.now)
    comer = invitations.invited_as(decision_context, command.message)
    if comer:
        decision_context = await _at_the_end(decision_context, comer, context)
    decision = invitations.accept_invitation(decision_context, command.message, comer)
    return await _applied(decision_context, decision, comer, command, context, asked=command.message)


async def approve_request(command: ReceivedMessage[ApproveRequest], context: MessageContext[Loaded]) -> Done | Refusal:
    """Approve a request; a seat, or a place in line, comes with it."""
    decision_context = await _decision_context(command, context)
    if decision_context is None:
        return refusals.room_unknown(context.now)
    decision_context = await _on_the_waitlist(decision_context, context)
    return await _applied(
        decision_context,
        requests.approve_request(decision_context, command.message),
        decision_context.member,
        command,
        context,
    )


async def invite(command: ReceivedMessage[Invite], context: MessageContext[Loaded]) -> Done | Refusal:
    """Invite a person; a pending request is approved by it."""
    decision_context = await _decision_context(command, context)
    if decision_context is None:
        return refusals.room_unknown(context.now)
    decision_context = await _on_the_waitlist(decision_context, context)
    person = invitations.invited_person(decision_context, command.message, membership_id=uuid7())
    return await _applied(
        decision_context, invitations.invite(decision_context, command.message, person), person, command, context
    )


async def change_role(command: ReceivedMessage[ChangeRole], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change the role of a person in the room."""
    decision_context = await _decision_context(command, context)
    if decision_context is None:
        return refusals.room_unknown(context.now)
    decision_context = await _contested(decision_context, context)
    return await _applied(
        decision_context,
        roles.change_role(decision_context, command.message),
        decision_context.member,
        command,
        context,
    )


def _handler_of(decide: Callable[[DecisionContext, W], Decision]) -> Handler[W]:
    """Return the handler of a command that depends on the state of the room and the person alone."""

    async def handle(command: ReceivedMessage[W], context: MessageContext[Loaded]) -> Done | Refusal:
        decision_context = await _decision_context(command, context)
        if decision_context is None:
            return refusals.room_unknown(context.now)
        return await _applied(
            decision_context, decide(decision_context, command.message), decision_context.member, command, context
        )

    return handle


accept_offer = _handler_of(offers.accept_offer)
decline_invitation = _handler_of(invitations.decline_invitation)
decline_offer = _handler_of(offers.decline_offer)
decline_request = _handler_of(requests.decline_request)
lift_bar = _handler_of(removals.lift_bar)
offer_seat = _handler_of(offers.offer_seat)
prioritise = _handler_of(waitlist.prioritise)
remove = _handler_of(removals.remove)
revoke_invitation = _handler_of(invitations.revoke_invitation)
revoke_offer = _handler_of(offers.revoke_offer)
withdraw = _handler_of(leaving.withdraw)


async def _decision_context(command: ReceivedMessage[Any], context: MessageContext[Loaded]) -> DecisionContext | None:
    """Return the context of a decision, after overdue state has lapsed; None if the room is not known."""
    room_id, person_id = command.message.room_id, command.message.person_id
    known = context.loaded.state(room_id)
    if known is None:
        return None
    state = await lapse_overdue(known, command, context)
    member = context.loaded.member(room_id, person_id)
    if member and (lapsed := invitations.lapse_invitation(member, now=context.now)):
        state = await apply(Changes(state).with_event(member, lapsed), command, context)
        member = context.loaded.member(room_id, person_id)
    return DecisionContext(state, person_id, member, command.actor, context.now)


async def _contested(decision_context: DecisionContext, context: MessageContext[Loaded]) -> DecisionContext:
    return replace(decision_context, contested=await context.loaded.contested(decision_context.state))


async def _on_the_waitlist(decision_context: DecisionContext, context: MessageContext[Loaded]) -> DecisionContext:
    """Return the context of a person on the waitlist, with the number of people ahead."""
    if decision_context.member is None:
        return decision_context
    ahead = bisect_left(await context.loaded.keys(decision_context.state), decision_context.member.key)
    return replace(await _contested(decision_context, context), ahead=ahead)


async def _at_the_end(
    decision_context: DecisionContext, comer: MembershipState, context: MessageContext[Loaded]
) -> DecisionContext:
    """Return the context of a person who comes after all others of their priority."""
    last = replace(comer, number=decision_context.state.last_number + 1)
    ahead = bisect_left(await context.loaded.keys(decision_context.state), last.key)
    return replace(await _contested(decision_context, context), ahead=ahead)


async def _applied(
    decision_context: DecisionContext,
    decision: Decision,
    member: MembershipState | None,
    command: ReceivedMessage[Any],
    context: MessageContext[Loaded],
    asked: Asked | None = None,
) -> Done | Refusal:
    """Apply the decision about ``member``, and answer with the person's new state."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert member is not None
        await apply(Changes(decision_context.state).with_event(member, decision), command, context, asked)
    latest = context.loaded.member(decision_context.state.room.room_id, decision_context.person_id)
    assert latest is not None
    return Done(latest.snapshot, changed=decision is not None)
