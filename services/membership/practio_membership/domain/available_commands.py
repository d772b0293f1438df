"""Which commands are open to a person now."""

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    DeclineInvitation,
    DeclineOffer,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Policy
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import DecisionContext, only_if_open
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.requests import person_refusal
from practio_membership.domain.seats import free_places, waitlist_refusal


def available_commands(context: DecisionContext, newcomer: MembershipState) -> list[type[Command]]:
    """Return the commands that would not be refused, apart from a request's content; ``newcomer`` accepts any role."""
    if context.member is None or not context.member.is_live:
        return [] if request_refusal(context, newcomer) else [RequestToJoin]
    if not context.state.has_not_ended:
        return []
    match context.member.status:
        case Status.OFFERED:
            return [AcceptOffer, DeclineOffer, Withdraw]
        case Status.INVITED:
            accepting: list[type[Command]] = [] if _place_refusal(context, context.member) else [AcceptInvitation]
            return [*accepting, DeclineInvitation, Withdraw]
        case _:
            return [Withdraw]


def request_refusal(context: DecisionContext, newcomer: MembershipState) -> Refusal | None:
    """Return why the person could not request to join now, whatever they write; ``newcomer`` accepts any role."""
    if refusal := only_if_open(context) or person_refusal(context):
        return refusal
    return _place_refusal(context, newcomer) if context.state.room.access.policy is Policy.OPEN else None


def _place_refusal(context: DecisionContext, person: MembershipState) -> Refusal | None:
    if person.over_capacity or free_places(context, person):
        return None
    return waitlist_refusal(context, person, refusals.WAITLIST_CLOSED)
