"""Changing the role of a person in the room."""

from practio_contracts.membership import ChangeRole, RoleChanged, Status
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import (
    Decision,
    DecisionContext,
    only_before_the_end,
    only_host_or_facilitator,
)
from practio_membership.domain.membership_state import next_version
from practio_membership.domain.room import has_role, open_roles


def change_role(context: DecisionContext, command: ChangeRole) -> Decision:
    """Change a person's role to one that has a seat left; their own seat moves with them, so the room may be full."""
    if refusal := only_host_or_facilitator(context) or only_before_the_end(context):
        return refusal
    member, room = context.member, context.state.room
    if member is None or member.status is not Status.JOINED:
        return refusals.NOT_IN_THE_ROOM
    if not has_role(room, command.role):
        return refusals.role_unknown([command.role], room, field="role")
    if member.snapshot.role == command.role:
        return None
    if command.role not in open_roles(context.state) or command.role in context.contested:
        return refusals.role_taken(command.role)
    return RoleChanged(
        membership=next_version(member, by=context.by, role=command.role), from_role=member.snapshot.role
    )
