"""Changing the role of a person in the room."""

from practio_contracts.membership import ChangeRole, RoleChanged, Status
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import Case, Decision, only_while_it_goes_on, only_who_leads
from practio_membership.domain.membership_state import told_anew
from practio_membership.domain.room import has_role, open_roles


def change_role(case: Case, command: ChangeRole) -> Decision:
    """Give a person another role, where it has a seat left; their own seat goes with them, so the room may be full."""
    if refusal := only_who_leads(case) or only_while_it_goes_on(case):
        return refusal
    standing, room = case.standing, case.state.room
    if standing is None or standing.status is not Status.JOINED:
        return refusals.NOT_IN_THE_ROOM
    if not has_role(room, command.role):
        return refusals.role_unknown([command.role], room, field="role")
    if standing.shown.role == command.role:
        return None
    if command.role not in open_roles(case.state) or command.role in case.contested:
        return refusals.role_taken(command.role)
    return RoleChanged(membership=told_anew(standing, by=case.by, role=command.role), from_role=standing.shown.role)
