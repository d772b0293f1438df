"""Many requests decided by one command."""

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import DecideRequests, Outcomes
from practio_membership.domain import refusals
from practio_membership.domain.bulk_decisions import decide_requests as decide
from practio_membership.domain.bulk_decisions import outcome_of
from practio_membership.domain.decision_context import DecisionContext, only_before_the_end, only_offices
from practio_membership.handlers.apply import apply, lapse_overdue
from practio_membership.store import Loaded


async def decide_requests(command: ReceivedMessage[DecideRequests], context: MessageContext[Loaded]) -> Done | Refusal:
    """Decide on many requests, each on its own: one that is refused harms no other."""
    room_id, decisions = command.message.room_id, command.message.decisions
    known = context.loaded.state(room_id)
    if known is None:
        return refusals.room_unknown(context.now)
    state = await lapse_overdue(known, command, context)
    contested = await context.loaded.contested(state)
    decision_context = DecisionContext(state, decisions[0].person_id, None, command.actor, context.now, contested)
    if refusal := only_offices(decision_context) or only_before_the_end(decision_context):
        return refusal
    found = {each.person_id: context.loaded.member(room_id, each.person_id) for each in decisions}
    members = {person_id: member for person_id, member in found.items() if member}
    changes, answered = decide(decision_context, decisions, members, line=await context.loaded.keys(state))
    if changes.transitions:
        await apply(changes, command, context)
    outcomes = [outcome_of(each, context.loaded.member(room_id, each.decided.person_id)) for each in answered]
    return Done(Outcomes(outcomes=outcomes), changed=bool(changes.transitions))
