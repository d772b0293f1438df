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
from practio_membership.domain.decision_context import Case
from practio_membership.domain.membership_state import Standing
from practio_membership.domain.requests import only_where_open, person_refusal
from practio_membership.domain.seats import free_places, queue_refusal


def moves(case: Case, newcomer: Standing) -> list[type[Command]]:
    """Give the commands that would not be refused, a request's content aside; ``newcomer`` wishes any role."""
    if case.standing is None or not case.standing.is_live:
        return [] if ask_refusal(case, newcomer) else [RequestToJoin]
    if not case.state.goes_on:
        return []
    match case.standing.status:
        case Status.OFFERED:
            return [AcceptOffer, DeclineOffer, Withdraw]
        case Status.INVITED:
            accepting: list[type[Command]] = [] if _place_refusal(case, case.standing) else [AcceptInvitation]
            return [*accepting, DeclineInvitation, Withdraw]
        case _:
            return [Withdraw]


def ask_refusal(case: Case, newcomer: Standing) -> Refusal | None:
    """Say why the person could not ask to join now, whatever they would write; ``newcomer`` wishes any role."""
    if refusal := only_where_open(case) or person_refusal(case):
        return refusal
    return _place_refusal(case, newcomer) if case.state.room.access.policy is Policy.OPEN else None


def _place_refusal(case: Case, person: Standing) -> Refusal | None:
    if person.over_capacity or free_places(case, person):
        return None
    return queue_refusal(case, person, refusals.WAITLIST_CLOSED)
