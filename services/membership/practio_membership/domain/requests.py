"""Requests: asking, approving, declining, lapsing."""

from datetime import datetime, timedelta

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    ApproveRequest,
    Declined,
    DeclineRequest,
    How,
    Requested,
    RequestLapsed,
    RequestToJoin,
    RequestUnanswered,
    Status,
)
from practio_contracts.rooms import Policy
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import (
    Decision,
    DecisionContext,
    only_before_the_end,
    only_if_open,
    only_offices,
    only_the_person,
)
from practio_membership.domain.membership_state import MembershipState, next_status, next_version
from practio_membership.domain.request_content import content_refusal
from practio_membership.domain.seats import place


def request_to_join(context: DecisionContext, command: RequestToJoin, newcomer: MembershipState) -> Decision:
    """Request to join; ``newcomer`` is the person before the request.

    A request while a membership is live changes nothing; that of an invited person is for ``invitations`` to decide.
    """
    if refusal := only_the_person(context) or only_if_open(context):
        return refusal
    if context.member and context.member.is_live:
        return None
    if refusal := person_refusal(context) or content_refusal(context, command):
        return refusal
    if context.state.room.access.policy is Policy.OPEN:
        return place(context, newcomer, how=How.OPEN, without_waitlist=refusals.WAITLIST_CLOSED)
    pending = next_status(newcomer, Status.REQUESTED, by=context.by, at=context.now)
    return Requested(membership=pending, answers=command.answers or {}, message=command.message)


def person_refusal(context: DecisionContext) -> Refusal | None:
    """Return why this person cannot request, whatever they write."""
    room = context.state.room
    if context.person_id in room.office_ids:
        return refusals.HOLDS_OFFICE
    if context.member and context.member.barred:
        return refusals.BARRED
    if room.access.policy is Policy.INVITATION:
        return refusals.INVITATION_REQUIRED
    return _cool_down(context)


def _cool_down(context: DecisionContext) -> Refusal | None:
    if context.member is None or context.member.status is not Status.DECLINED:
        return None
    days = context.state.room.access.reapply_after_days
    if days is None:
        return refusals.reapply_later(None)
    again_at = context.member.snapshot.since + timedelta(days=days)
    return refusals.reapply_later(again_at) if context.now < again_at else None


def approve_request(context: DecisionContext, command: ApproveRequest) -> Decision:
    """Approve: a seat if one is free, otherwise the request's position on the waitlist."""
    if refusal := only_offices(context) or only_before_the_end(context):
        return refusal
    pending = _pending(context)
    if isinstance(pending, Refusal):
        return pending
    return place(context, pending, how=How.APPROVED, without_waitlist=refusals.SEAT_TAKEN, reason=command.note)


def decline_request(context: DecisionContext, command: DeclineRequest) -> Decision:
    """Decline; possible in a full room too."""
    if refusal := only_offices(context) or only_before_the_end(context):
        return refusal
    pending = _pending(context)
    if isinstance(pending, Refusal):
        return pending
    return Declined(
        membership=next_status(pending, Status.DECLINED, by=context.by, at=context.now, reason=command.reason)
    )


def _pending(context: DecisionContext) -> MembershipState | Refusal:
    member = context.member
    if member is None:
        return refusals.NOTHING_PENDING
    if member.status is Status.REQUESTED:
        return member
    is_decided = member.decided_by and (member.is_live or member.status is Status.DECLINED)
    return refusals.already_decided(member) if is_decided else refusals.NOTHING_PENDING


def remind_of_request(member: MembershipState | None, *, days: int) -> RequestUnanswered | None:
    """Return the event that a request has waited for so many days; None if it was decided."""
    if member is None or member.status is not Status.REQUESTED:
        return None
    return RequestUnanswered(membership=next_version(member, by=SYSTEM), days=days)


def lapse_request(member: MembershipState | None, *, now: datetime) -> RequestLapsed | None:
    """Lapse a request that nobody decided in time; a decision made meanwhile stands."""
    if member is None or member.status is not Status.REQUESTED:
        return None
    return RequestLapsed(membership=next_status(member, Status.LAPSED, by=SYSTEM, at=now))
