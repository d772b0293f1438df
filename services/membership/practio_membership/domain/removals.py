"""Removing a person from a room, barring them from it, and lifting the bar."""

from practio_contracts.membership import BarLifted, LiftBar, Remove, Removed, Status
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import Decision, DecisionContext, only_before_the_end, only_the_host
from practio_membership.domain.membership_state import next_status, next_version


def remove(context: DecisionContext, command: Remove) -> Decision:
    """Take a person out of the room; with a bar, they may neither ask nor be invited until it is lifted."""
    if refusal := only_the_host(context) or only_before_the_end(context):
        return refusal
    if context.person_id == context.state.room.host_id:
        return refusals.HOST_STAYS
    if context.member is None or context.member.status is not Status.JOINED:
        return refusals.NOT_IN_THE_ROOM
    snapshot = next_status(context.member, Status.REMOVED, by=context.by, at=context.now, reason=command.reason)
    return Removed(membership=snapshot, barred=command.bar)


def lift_bar(context: DecisionContext, command: LiftBar) -> Decision:
    """Let a barred person request again; nothing changes for a person removed without a bar."""
    if refusal := only_the_host(context) or only_before_the_end(context):
        return refusal
    if context.member is None or context.member.status is not Status.REMOVED:
        return refusals.NOBODY_REMOVED
    if not context.member.barred:
        return None
    return BarLifted(membership=next_version(context.member, by=context.by))
