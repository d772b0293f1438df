"""Changing the roles of people in the room: of one person, or of several in one move."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import ChangeRole, RoleAssignment, RoleChanged, Status
from practio_membership.domain import refusals
from practio_membership.domain.changes import Changes
from practio_membership.domain.decision_context import (
    Decision,
    DecisionContext,
    only_before_the_end,
    only_host_or_facilitator,
)
from practio_membership.domain.membership_state import MembershipState, next_version
from practio_membership.domain.room import has_role, seats_left


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
    if _is_too_much(context, command.role, 1):
        return refusals.role_taken(command.role)
    return _changed(member, command.role, by=context.by)


def exchange_roles(
    context: DecisionContext, assignments: Sequence[RoleAssignment], members: Mapping[UUID, MembershipState]
) -> Changes | Refusal:
    """Change the roles of several people, all or none; ``context`` is about none of them.

    A role that as many people leave as take needs no seat left, so full roles can be exchanged and rotated.
    """
    if refusal := only_host_or_facilitator(context) or only_before_the_end(context):
        return refusal
    if refusal := _refusal_of_people_or_roles(context, assignments, members):
        return refusal
    moves = [(members[each.person_id], each.role) for each in assignments]
    moves = [(member, role) for member, role in moves if member.snapshot.role != role]
    gains = Counter(role for _, role in moves)
    gains.subtract(member.snapshot.role for member, _ in moves if member.snapshot.role is not None)
    if full := [role for role, more in gains.items() if more > 0 and _is_too_much(context, role, more)]:
        return refusals.roles_taken(full, [each.role for each in assignments])
    changes = Changes(context.state)
    for member, role in moves:
        changes = changes.with_event(member, _changed(member, role, by=context.by))
    return changes


def _refusal_of_people_or_roles(
    context: DecisionContext, assignments: Sequence[RoleAssignment], members: Mapping[UUID, MembershipState]
) -> Refusal | None:
    out = [
        index
        for index, each in enumerate(assignments)
        if each.person_id not in members or members[each.person_id].status is not Status.JOINED
    ]
    if out:
        return refusals.not_in_the_room(f"assignments.{index}.person_id" for index in out)
    room = context.state.room
    if unknown := {
        f"assignments.{index}.role": each.role
        for index, each in enumerate(assignments)
        if not has_role(room, each.role)
    }:
        return refusals.roles_unknown(unknown, room)
    return None


def _is_too_much(context: DecisionContext, role: str, more: int) -> bool:
    """Return whether so many further people cannot take the role: too few seats, or somebody waits for them."""
    left = seats_left(context.state, role)
    return (left is not None and left < more) or role in context.contested


def _changed(member: MembershipState, role: str, *, by: str) -> RoleChanged:
    return RoleChanged(membership=next_version(member, by=by, role=role), from_role=member.snapshot.role)
