"""Many requests decided by one command."""

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import DecideRequests, Outcomes
from practio_membership.domain import refusals
from practio_membership.domain.bulk_decisions import decide_requests as decide
from practio_membership.domain.bulk_decisions import outcome_of
from practio_membership.domain.decision_context import Case, only_offices, only_while_it_goes_on
from practio_membership.handlers.apply import conclude, tidied
from practio_membership.store import Loaded


async def decide_requests(command: ReceivedMessage[DecideRequests], context: MessageContext[Loaded]) -> Done | Refusal:
    """Decide on many requests, each on its own: one that is refused harms no other."""
    room_id, decisions = command.message.room_id, command.message.decisions
    known = context.loaded.state(room_id)
    if known is None:
        return refusals.room_unknown(context.now)
    state = await tidied(known, command, context)
    contested = await context.loaded.contested(state)
    case = Case(state, decisions[0].person_id, None, command.actor, context.now, contested)
    if refusal := only_offices(case) or only_while_it_goes_on(case):
        return refusal
    found = {each.person_id: context.loaded.standing(room_id, each.person_id) for each in decisions}
    standings = {person_id: standing for person_id, standing in found.items() if standing}
    turn, answered = decide(case, decisions, standings, line=await context.loaded.keys(state))
    if turn.told:
        await conclude(turn, command, context)
    outcomes = [outcome_of(each, context.loaded.standing(room_id, each.decided.person_id)) for each in answered]
    return Done(Outcomes(outcomes=outcomes), changed=bool(turn.told))
