"""Removing a person from a room, barring them from it, and lifting the bar."""

from practio_contracts.membership import BarLifted, LiftBar, Remove, Removed, Status
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import Case, Decision, only_the_host, only_while_it_goes_on
from practio_membership.domain.membership_state import moved, told_anew


def remove(case: Case, command: Remove) -> Decision:
    """Take a person out of the room; with a bar, they may neither ask nor be invited until it is lifted."""
    if refusal := only_the_host(case) or only_while_it_goes_on(case):
        return refusal
    if case.person_id == case.state.room.host_id:
        return refusals.HOST_STAYS
    if case.standing is None or case.standing.status is not Status.JOINED:
        return refusals.NOT_IN_THE_ROOM
    shown = moved(case.standing, Status.REMOVED, by=case.by, at=case.now, reason=command.reason)
    return Removed(membership=shown, barred=command.bar)


def lift_bar(case: Case, command: LiftBar) -> Decision:
    """Let a person who was barred ask again; nothing changes for who was removed without a bar."""
    if refusal := only_the_host(case) or only_while_it_goes_on(case):
        return refusal
    if case.standing is None or case.standing.status is not Status.REMOVED:
        return refusals.NOBODY_REMOVED
    if not case.standing.barred:
        return None
    return BarLifted(membership=told_anew(case.standing, by=case.by))
