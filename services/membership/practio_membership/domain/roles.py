"""Changing the role of a person in the room."""

from practio_contracts.membership import ChangeRole, RoleChanged, Status
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import Case, Decision, only_while_it_goes_on, only_who_leads
from practio_membership.domain.membership_state import told_anew
from practio_membership.domain.room import has_role, open_roles


def change_role(case: Case, wish: ChangeRole) -> Decision:
    """Give a person another role, where it has a seat left; their own seat goes with them, so the room may be full."""
    if refusal := only_who_leads(case) or only_while_it_goes_on(case):
        return refusal
    standing, room = case.standing, case.state.room
    if standing is None or standing.status is not Status.JOINED:
        return refusals.NOT_IN_THE_ROOM
    if not has_role(room, wish.role):
        return refusals.role_unknown([wish.role], room, field="role")
    if standing.shown.role == wish.role:
        return None
    if wish.role not in open_roles(case.state) or wish.role in case.contested:
        return refusals.role_taken(wish.role)
    return RoleChanged(membership=told_anew(standing, by=case.by, role=wish.role), from_role=standing.shown.role)
