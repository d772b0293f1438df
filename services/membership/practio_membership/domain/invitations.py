"""Invitations: made by the offices, answered by the person, over at their instant (membership.md, Requests)."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptInvitation,
    DeclineInvitation,
    How,
    InvitationDeclined,
    InvitationLapsed,
    Invite,
    Invited,
    RequestToJoin,
    RevokeInvitation,
    Status,
)
from practio_membership.domain import refusals
from practio_membership.domain.decision_context import (
    Case,
    Decision,
    only_offices,
    only_the_person,
    only_while_it_goes_on,
)
from practio_membership.domain.membership_state import Standing, moved, newcomer
from practio_membership.domain.requests import accepted, only_where_open
from practio_membership.domain.room import has_role, offices_of
from practio_membership.domain.seats import placed


def invited_person(case: Case, command: Invite, *, membership_id: UUID) -> Standing:
    """Give whom an invitation is about, as they would come by it: who is there already, else somebody new."""
    standing = case.standing
    if standing is None or not standing.is_live:
        about = case.state.room.room_id, case.person_id
        wishes = (command.role,) if command.role else ()
        return newcomer(*about, membership_id=membership_id, by=case.by, now=case.now, wishes=wishes)
    return replace(standing, wishes=(command.role,)) if command.role else standing


def invite(case: Case, command: Invite, person: Standing) -> Decision:
    """Invite a person; who has asked already is approved by it, and one invitation is enough."""
    room = case.state.room
    if command.expires_at is not None and command.expires_at <= case.now:
        return refusals.INVITATION_IN_THE_PAST
    if refusal := only_offices(case) or only_where_open(case):
        return refusal
    if case.person_id in offices_of(room):
        return refusals.HOLDS_OFFICE
    if case.standing and case.standing.barred:
        return refusals.NOBODY_BARRED
    if command.role and not has_role(room, command.role):
        return refusals.role_unknown([command.role], room, field="role")
    if person.is_live:
        return _taken_as_approved(case, command, person)
    days = room.access.request_expires_after_days
    expires_at = command.expires_at or case.now + timedelta(days=days)
    shown = moved(person, Status.INVITED, by=case.by, at=case.now, role=command.role, invitation_expires_at=expires_at)
    return Invited(membership=shown, message=command.message, over_capacity=command.over_capacity)


def _taken_as_approved(case: Case, command: Invite, person: Standing) -> Decision:
    """Approve who asked; who waits is approved already, and comes in only where a place is given over capacity."""
    waits_for_place = person.status is Status.WAITLISTED and command.over_capacity
    if person.status is not Status.REQUESTED and not waits_for_place:
        return None
    return placed(
        case,
        person,
        how=How.APPROVED,
        without_waitlist=refusals.SEAT_TAKEN,
        over_capacity=command.over_capacity,
    )


def answering(case: Case, command: RequestToJoin | AcceptInvitation) -> Standing | None:
    """Give an invited person as they come, for the invitation's role or else for those wished; None if not invited."""
    invited = case.standing
    if invited is None or invited.status is not Status.INVITED:
        return None
    meant = tuple(role for role in invited.wishes if has_role(case.state.room, role))
    shown = invited.shown.model_copy(update={"requested_at": case.now})
    return replace(invited, shown=shown, wishes=meant or tuple(command.roles or ()))


def accept_invitation(case: Case, command: AcceptInvitation, comer: Standing | None) -> Decision:
    """Come by an invitation; ``comer`` is the person as they answer it, None where there is no invitation."""
    if refusal := only_the_person(case) or only_while_it_goes_on(case):
        return refusal
    return refusals.INVITATION_UNKNOWN if comer is None else accepted(case, command, comer)


def decline_invitation(case: Case, command: DeclineInvitation) -> Decision:
    """Say no to an invitation."""
    invited = only_the_person(case) or _invitation(case)
    if isinstance(invited, Refusal):
        return invited
    shown = moved(invited, Status.WITHDRAWN, by=case.by, at=case.now, reason=command.message)
    return InvitationDeclined(membership=shown)


def revoke_invitation(case: Case, command: RevokeInvitation) -> Decision:
    """Take an invitation back, as if its time were over."""
    invited = only_offices(case) or _invitation(case)
    if isinstance(invited, Refusal):
        return invited
    return InvitationLapsed(membership=moved(invited, Status.LAPSED, by=case.by, at=case.now))


def _invitation(case: Case) -> Standing | Refusal:
    if refusal := only_while_it_goes_on(case):
        return refusal
    standing = case.standing
    is_invited = standing is not None and standing.status is Status.INVITED
    return standing if standing is not None and is_invited else refusals.INVITATION_UNKNOWN


def lapse_invitation(standing: Standing | None, *, now: datetime) -> InvitationLapsed | None:
    """End an invitation that is over, as of the instant at which it was; None where it stands, or there is none."""
    if standing is None or standing.status is not Status.INVITED:
        return None
    expires_at = standing.shown.invitation_expires_at
    if expires_at is None or now < expires_at:
        return None
    return InvitationLapsed(membership=moved(standing, Status.LAPSED, by=SYSTEM, at=expires_at))
