"""Commands about requests: making one, deciding on one, deciding on many."""

from dataclasses import replace

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import ApproveRequest, DecideRequests, Outcomes, RequestToJoin
from practio_membership.domain import bulk_decisions, invitations, requests
from practio_membership.domain.decision_context import DecisionContext, only_before_the_end, only_offices
from practio_membership.domain.membership_state import MembershipState, newcomer
from practio_membership.handlers.commands.invitations import accept
from practio_membership.handlers.steps import (
    apply,
    apply_decision,
    find,
    find_room,
    handler_of,
    with_contested,
    with_people_ahead,
)
from practio_membership.store import Loaded

decline_request = handler_of(requests.decline_request)


async def request_to_join(command: ReceivedMessage[RequestToJoin], context: MessageContext[Loaded]) -> Done | Refusal:
    """Request to join: the person joins, waits, or has a pending request; an invited person accepts by it."""
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    if invited := invitations.invited_as(found, command.message):
        return await accept(found, invited, invitations.accept_by_request, command, context)
    person = _newcomer(found, command.message)
    ahead = found.state.waiting - await context.loaded.behind_newcomers(found.state)
    found = replace(await with_contested(found, context), ahead=ahead)
    decision = requests.request_to_join(found, command.message, person)
    return await apply_decision(found, decision, person, command, context, asked=command.message)


def _newcomer(found: DecisionContext, command: RequestToJoin) -> MembershipState:
    return newcomer(
        command.room_id,
        command.person_id,
        membership_id=uuid7(),
        by=found.by,
        now=found.now,
        preferred_roles=command.roles or (),
        requested_at=found.now,
    )


async def approve_request(command: ReceivedMessage[ApproveRequest], context: MessageContext[Loaded]) -> Done | Refusal:
    """Approve a request: the person gets a seat, or a position on the waitlist."""
    found = await find(command, context)
    if found is None:
        return room_unknown(context.now)
    found = await with_people_ahead(found, context)
    return await apply_decision(found, requests.approve_request(found, command.message), found.member, command, context)


async def decide_requests(command: ReceivedMessage[DecideRequests], context: MessageContext[Loaded]) -> Done | Refusal:
    """Decide on many requests, each on its own: one that is refused harms no other."""
    room_id, decisions = command.message.room_id, command.message.decisions
    found = await find_room(room_id, command, context)
    if found is None:
        return room_unknown(context.now)
    if refusal := only_offices(found) or only_before_the_end(found):
        return refusal
    people = {each.person_id: context.loaded.member(room_id, each.person_id) for each in decisions}
    members = {person_id: member for person_id, member in people.items() if member}
    waitlist = await context.loaded.keys(found.state)
    changes, answered = bulk_decisions.decide_requests(found, decisions, members, waitlist=waitlist)
    if changes.transitions:
        await apply(changes, command, context)
    outcomes = [
        bulk_decisions.outcome_of(person_id, each.outcome, context.loaded.member(room_id, person_id))
        for each in answered
        if (person_id := each.decided.person_id)
    ]
    return Done(Outcomes(outcomes=outcomes), changed=bool(changes.transitions))
