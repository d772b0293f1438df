"""Commands about invitations: sending, accepting, declining, revoking."""

from collections.abc import Callable
from typing import TypeVar

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import AcceptInvitation, Invite, RequestToJoin
from practio_membership.domain import invitations, refusals
from practio_membership.domain.decision_context import Decision, DecisionContext
from practio_membership.domain.membership_state import MembershipState
from practio_membership.handlers.steps import apply_decision, at_the_end, find, handler_of, with_people_ahead
from practio_membership.store import Loaded

A = TypeVar("A", AcceptInvitation, RequestToJoin)

decline_invitation = handler_of(invitations.decline_invitation)
revoke_invitation = handler_of(invitations.revoke_invitation)


async def invite(command: ReceivedMessage[Invite], context: MessageContext[Loaded]) -> Done | Refusal:
    """Invite a person; a pending request is approved by it."""
    found = await find(command, context)
    if found is None:
        return refusals.room_unknown(context.now)
    found = await with_people_ahead(found, context)
    person = invitations.invited_person(found, command.message, membership_id=uuid7())
    decision = invitations.invite(found, command.message, person)
    return await apply_decision(found, decision, person, command, context)


async def accept_invitation(
    command: ReceivedMessage[AcceptInvitation], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Accept an invitation."""
    found = await find(command, context)
    if found is None:
        return refusals.room_unknown(context.now)
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
