"""Leaving: of one's own will, with the room's end, for an office, or because a person is to be forgotten."""

from collections.abc import Sequence
from datetime import datetime

from practio_contracts.membership import Ended, Status, Withdraw, Withdrawn
from practio_membership.domain import refusals
from practio_membership.domain.changes import Changes, with_each
from practio_membership.domain.decision_context import Decision, DecisionContext, only_before_the_end, only_the_person
from practio_membership.domain.membership_state import MembershipState, next_status
from practio_membership.domain.room import RoomState


def withdraw(context: DecisionContext, command: Withdraw) -> Decision:
    """Leave the waitlist, or the room."""
    if refusal := only_the_person(context) or only_before_the_end(context):
        return refusal
    if context.person_id == context.state.room.host_id:
        return refusals.HOST_STAYS
    if context.member is None or not context.member.is_live:
        return refusals.NOT_A_MEMBER
    return leave(context.member, by=context.by, now=context.now, reason=command.reason)


def leave(member: MembershipState, *, by: str, now: datetime, reason: str | None = None) -> Withdrawn:
    """Return the event of a person leaving, from whatever live state."""
    return Withdrawn(
        membership=next_status(member, Status.WITHDRAWN, by=by, at=now, reason=reason),
        from_status=member.snapshot.status,
    )


def end(state: RoomState, people: Sequence[MembershipState], *, by: str, now: datetime, reason: str | None) -> Changes:
    """Return the changes that end the memberships of ``people``, in whatever live state."""
    return with_each(
        Changes(state),
        people,
        lambda _, each: Ended(membership=next_status(each, Status.ENDED, by=by, at=now, reason=reason)),
    )
