"""Which commands are open to a person now."""

from practio_contracts.answers import Refusal
from practio_contracts.membership import AcceptOffer, DeclineOffer, RequestToJoin, Status, Withdraw
from practio_contracts.message import Command
from practio_contracts.rooms import Policy
from practio_membership.domain import refusals
from practio_membership.domain.case import Case
from practio_membership.domain.requests import only_where_open, person_refusal
from practio_membership.domain.seats import free_places, queue_refusal
from practio_membership.domain.standing import Standing


def moves(case: Case, newcomer: Standing) -> list[type[Command]]:
    """Give the commands that would not be refused, a request's content aside; ``newcomer`` wishes any role."""
    if case.standing is None or not case.standing.is_live:
        return [] if _ask_refusal(case, newcomer) else [RequestToJoin]
    if not case.state.goes_on:
        return []
    leaving: list[type[Command]] = [] if case.person_id == case.state.room.host_id else [Withdraw]
    return [AcceptOffer, DeclineOffer, *leaving] if case.standing.status is Status.OFFERED else leaving


def _ask_refusal(case: Case, newcomer: Standing) -> Refusal | None:
    if refusal := only_where_open(case) or person_refusal(case):
        return refusal
    if case.state.room.access.policy is not Policy.OPEN or free_places(case, newcomer):
        return None
    return queue_refusal(case, newcomer, refusals.WAITLIST_CLOSED)
