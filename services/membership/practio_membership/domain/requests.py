"""Requests: asking, approving, declining, lapsing (membership.md, Requests)."""

from datetime import datetime, timedelta

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptInvitation,
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
from practio_contracts.rooms import Policy, RoomStatus
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import (
    Case,
    Decision,
    only_offices,
    only_the_person,
    only_while_it_goes_on,
)
from practio_membership.domain.membership_state import Standing, moved, told_anew
from practio_membership.domain.room import has_role, offices_of
from practio_membership.domain.seats import placed


def request_to_join(case: Case, command: RequestToJoin, newcomer: Standing) -> Decision:
    """Ask for a seat; ``newcomer`` is the person's standing, should anything come of it.

    A second request while one is live changes nothing; an invitation is accepted by it.
    """
    if refusal := only_the_person(case) or only_where_open(case):
        return refusal
    if case.standing and case.standing.is_live:
        return accepted(case, command, newcomer) if case.standing.status is Status.INVITED else None
    if refusal := person_refusal(case) or content_refusal(case, command):
        return refusal
    if case.state.room.access.policy is Policy.OPEN:
        return placed(case, newcomer, how=How.OPEN, without_waitlist=refusals.WAITLIST_CLOSED)
    pending = moved(newcomer, Status.REQUESTED, by=case.by, at=case.now)
    return Requested(membership=pending, answers=command.answers or {}, message=command.message)


def accepted(case: Case, command: RequestToJoin | AcceptInvitation, comer: Standing) -> Decision:
    """Come by an invitation, with all that a request would need: a seat, or a place at the end of the line.

    ``comer`` is the invited person with what they wish by now.
    """
    return content_refusal(case, command) or placed(
        case,
        comer,
        how=How.INVITATION,
        without_waitlist=refusals.WAITLIST_CLOSED,
        over_capacity=comer.over_capacity,
    )


def only_where_open(case: Case) -> Refusal | None:
    """Refuse new requests to a room that takes none."""
    room = case.state.room
    return None if room.status is RoomStatus.PUBLISHED else refusals.room_not_open(room)


def person_refusal(case: Case) -> Refusal | None:
    """Say why this person cannot ask, whatever they would write."""
    room = case.state.room
    if case.person_id in offices_of(room):
        return refusals.HOLDS_OFFICE
    if case.standing and case.standing.barred:
        return refusals.BARRED
    if room.access.policy is Policy.INVITATION:
        return refusals.INVITATION_REQUIRED
    return _cool_down(case)


def _cool_down(case: Case) -> Refusal | None:
    if case.standing is None or case.standing.status is not Status.DECLINED:
        return None
    days = case.state.room.access.reapply_after_days
    if days is None:
        return refusals.reapply_later(None)
    again_at = case.standing.shown.since + timedelta(days=days)
    return refusals.reapply_later(again_at) if case.now < again_at else None


def content_refusal(case: Case, command: RequestToJoin | AcceptInvitation) -> Refusal | None:
    """Say what is missing or wrong in what a person who wants to come in writes."""
    room = case.state.room
    answers = command.answers or {}
    asked = {question.key: question.required for question in room.access.questions}
    if missing := [key for key, required in asked.items() if required and not answers.get(key)]:
        return refusals.answers_missing(missing)
    if unknown := [key for key in answers if key not in asked]:
        return refusals.unknown_question(unknown)
    if room.guidelines and command.accepted_guidelines != room.guidelines.version:
        return refusals.guidelines_not_accepted(room.guidelines.version)
    if strange := [name for name in command.roles or () if not has_role(room, name)]:
        return refusals.role_unknown(strange, room)
    return None


def approve_request(case: Case, command: ApproveRequest) -> Decision:
    """Approve: a seat where one is free, else a place in the queue, which is that of the request."""
    if refusal := only_offices(case) or only_while_it_goes_on(case):
        return refusal
    pending = _pending(case)
    if isinstance(pending, Refusal):
        return pending
    return placed(case, pending, how=How.APPROVED, without_waitlist=refusals.SEAT_TAKEN, reason=command.note)


def decline_request(case: Case, command: DeclineRequest) -> Decision:
    """Decline; possible in a full room too."""
    if refusal := only_offices(case) or only_while_it_goes_on(case):
        return refusal
    pending = _pending(case)
    if isinstance(pending, Refusal):
        return pending
    return Declined(membership=moved(pending, Status.DECLINED, by=case.by, at=case.now, reason=command.reason))


def _pending(case: Case) -> Standing | Refusal:
    standing = case.standing
    if standing is None:
        return refusals.NOTHING_PENDING
    if standing.status is Status.REQUESTED:
        return standing
    is_decided = standing.decided_by and (standing.is_live or standing.status is Status.DECLINED)
    return refusals.already_decided(standing) if is_decided else refusals.NOTHING_PENDING


def remind_of_request(standing: Standing | None, *, days: int) -> RequestUnanswered | None:
    """Tell that a request has waited for so many days; None where it was answered."""
    if standing is None or standing.status is not Status.REQUESTED:
        return None
    return RequestUnanswered(membership=told_anew(standing, by=SYSTEM), days=days)


def lapse_request(standing: Standing | None, *, now: datetime) -> RequestLapsed | None:
    """Let a request go that nobody answered in time; what was decided meanwhile stands."""
    if standing is None or standing.status is not Status.REQUESTED:
        return None
    return RequestLapsed(membership=moved(standing, Status.LAPSED, by=SYSTEM, at=now))
