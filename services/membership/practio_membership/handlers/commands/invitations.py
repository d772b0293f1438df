"""Commands about invitations: sending, accepting, declining, revoking."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import AcceptInvitation, Invite, InviteFrom, Outcomes, RequestToJoin
from practio_membership.domain import invitations, invitations_from
from practio_membership.domain.bulk_decisions import outcome_of
from practio_membership.domain.decision_context import Decision, DecisionContext
from practio_membership.domain.membership_state import MembershipState
from practio_membership.handlers.steps import (
    apply,
    apply_decision,
    at_the_end,
    find,
    find_room,
    handler_of,
    lapse_overdue,
    with_people_ahead,
)
from practio_membership.store import Loaded

A = TypeVar("A", AcceptInvitation, RequestToJoin)

decline_invitation = handler_of(invitations.decline_invitation)
revoke_invitation = handler_of(invitations.revoke_invitation)


async def invite(command: ReceivedMessage[Invite], context: MessageContext[Loaded]) -> Done | Refusal:
    """Invite a person; a pending request is approved by it."""
    if fault := invitations.fault_in(command.message, now=context.now):
        return fault
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    found = await with_people_ahead(found, context)
    person = invitations.invited_person(found, command.message, membership_id=uuid7())
    decision = invitations.invite(found, command.message, person)
    return await apply_decision(found, decision, person, command, context)


async def invite_from(command: ReceivedMessage[InviteFrom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Invite people of another room, each on their own: one who is refused harms no other."""
    asked = command.message
    if fault := invitations_from.fault_in(asked):
        return fault
    found = await find_room(asked.room_id, command, context)
    there = context.loaded.state(asked.from_room_id)
    if found is None or there is None:
        return room_unknown(context.now)
    if refusal := invitations_from.not_allowed_to_invite(found, there):
        return refusal
    await lapse_overdue(there, command, context)
    changes, invited = invitations_from.invite_from(
        found,
        asked,
        here=_members(asked.room_id, asked, context),
        there=_members(asked.from_room_id, asked, context),
        ids={each: uuid7() for each in asked.person_ids},
        waitlist=await context.loaded.keys(found.state),
    )
    if changes.transitions:
        await apply(changes, command, context)
    outcomes = [
        outcome_of(each.person_id, each.result, context.loaded.member(asked.room_id, each.person_id))
        for each in invited
    ]
    return Done(Outcomes(outcomes=outcomes), changed=bool(changes.transitions))


def _members(room_id: UUID, asked: InviteFrom, context: MessageContext[Loaded]) -> dict[UUID, MembershipState]:
    members = {each: context.loaded.member(room_id, each) for each in asked.person_ids}
    return {person_id: member for person_id, member in members.items() if member}


async def accept_invitation(
    command: ReceivedMessage[AcceptInvitation], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Accept an invitation."""
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    invited = invitations.invited_as(found, command.message)
    return await accept(found, invited, invitations.accept_invitation, command, context)


async def accept(
    found: DecisionContext,
    invited: MembershipState | None,
    decide: Callable[[DecisionContext, A, MembershipState | None], Decision],
    command: ReceivedMessage[A],
    context: MessageContext[Loaded],
) -> Done | Refusal:
    """Decide on a person who accepts an invitation: they come after all others of their priority."""
    if invited:
        found = await at_the_end(found, invited, context)
    decision = decide(found, command.message, invited)
    return await apply_decision(found, decision, invited, command, context, asked=command.message)
