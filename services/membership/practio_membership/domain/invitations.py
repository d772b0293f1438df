"""Invitations: made by the offices, answered by the person, over at their instant."""

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
    Decision,
    DecisionContext,
    only_before_the_end,
    only_if_open,
    only_offices,
    only_the_person,
)
from practio_membership.domain.membership_state import MembershipState, newcomer, next_status
from practio_membership.domain.request_content import content_refusal
from practio_membership.domain.room import has_role
from practio_membership.domain.seats import place


def invited_person(context: DecisionContext, command: Invite, *, membership_id: UUID) -> MembershipState:
    """Return the state of the person to invite: their latest membership, otherwise a new one."""
    member = context.member
    if member is None or not member.is_live:
        about = context.state.room.room_id, context.person_id
        preferred_roles = (command.role,) if command.role else ()
        return newcomer(
            *about, membership_id=membership_id, by=context.by, now=context.now, preferred_roles=preferred_roles
        )
    return replace(member, preferred_roles=(command.role,)) if command.role else member


def fault_in(command: Invite, *, now: datetime) -> Refusal | None:
    """Return what is wrong with the data of a command alone, or None."""
    is_over = command.expires_at is not None and command.expires_at <= now
    return refusals.INVITATION_IN_THE_PAST if is_over else None


def invite(context: DecisionContext, command: Invite, person: MembershipState) -> Decision:
    """Invite a person; a pending request is approved by it, and one invitation is enough."""
    room = context.state.room
    if refusal := only_offices(context) or only_if_open(context):
        return refusal
    if context.person_id in room.office_ids:
        return refusals.HOLDS_OFFICE
    if context.member and context.member.barred:
        return refusals.NOBODY_BARRED
    if command.role and not has_role(room, command.role):
        return refusals.role_unknown([command.role], room, field="role")
    if person.is_live:
        return _taken_as_approved(context, command, person)
    days = room.access.request_expires_after_days
    expires_at = command.expires_at or context.now + timedelta(days=days)
    snapshot = next_status(
        person, Status.INVITED, by=context.by, at=context.now, role=command.role, invitation_expires_at=expires_at
    )
    return Invited(membership=snapshot, message=command.message, over_capacity=command.over_capacity)


def _taken_as_approved(context: DecisionContext, command: Invite, person: MembershipState) -> Decision:
    """Approve a request; a person on the waitlist is approved already, and joins only with a place over capacity."""
    waits_for_place = person.status is Status.WAITLISTED and command.over_capacity
    if person.status is not Status.REQUESTED and not waits_for_place:
        return None
    return place(
        context,
        person,
        how=How.APPROVED,
        without_waitlist=refusals.SEAT_TAKEN,
        over_capacity=command.over_capacity,
    )


def invited_as(context: DecisionContext, command: RequestToJoin | AcceptInvitation) -> MembershipState | None:
    """Return an invited person with the invitation's role or else the preferred ones; None if they are not invited."""
    invited = context.member
    if invited is None or invited.status is not Status.INVITED:
        return None
    meant = tuple(role for role in invited.preferred_roles if has_role(context.state.room, role))
    snapshot = invited.snapshot.model_copy(update={"requested_at": context.now})
    return replace(invited, snapshot=snapshot, preferred_roles=meant or tuple(command.roles or ()))


def accept_invitation(context: DecisionContext, command: AcceptInvitation, invited: MembershipState | None) -> Decision:
    """Join by an invitation; ``invited`` is the person with their answers, None if there is no invitation."""
    if refusal := only_the_person(context) or only_before_the_end(context):
        return refusal
    return refusals.INVITATION_UNKNOWN if invited is None else _join(context, command, invited)


def accept_by_request(context: DecisionContext, command: RequestToJoin, invited: MembershipState | None) -> Decision:
    """Join by requesting while invited; like any request, this needs an open room."""
    if refusal := only_the_person(context) or only_if_open(context):
        return refusal
    return refusals.INVITATION_UNKNOWN if invited is None else _join(context, command, invited)


def _join(context: DecisionContext, command: RequestToJoin | AcceptInvitation, invited: MembershipState) -> Decision:
    """Join with everything that a request needs: a seat, or the end of the waitlist."""
    return content_refusal(context, command) or place(
        context,
        invited,
        how=How.INVITATION,
        without_waitlist=refusals.WAITLIST_CLOSED,
        over_capacity=invited.over_capacity,
    )


def decline_invitation(context: DecisionContext, command: DeclineInvitation) -> Decision:
    """Decline an invitation."""
    invited = only_the_person(context) or _invitation(context)
    if isinstance(invited, Refusal):
        return invited
    snapshot = next_status(invited, Status.WITHDRAWN, by=context.by, at=context.now, reason=command.message)
    return InvitationDeclined(membership=snapshot)


def revoke_invitation(context: DecisionContext, command: RevokeInvitation) -> Decision:
    """Take an invitation back, as if its time were over."""
    invited = only_offices(context) or _invitation(context)
    if isinstance(invited, Refusal):
        return invited
    return InvitationLapsed(membership=next_status(invited, Status.LAPSED, by=context.by, at=context.now))


def _invitation(context: DecisionContext) -> MembershipState | Refusal:
    if refusal := only_before_the_end(context):
        return refusal
    member = context.member
    is_invited = member is not None and member.status is Status.INVITED
    return member if member is not None and is_invited else refusals.INVITATION_UNKNOWN


def lapse_invitation(member: MembershipState | None, *, now: datetime) -> InvitationLapsed | None:
    """Lapse an expired invitation as of its expiry; None if it still stands, or if there is none."""
    if member is None or member.status is not Status.INVITED:
        return None
    expires_at = member.snapshot.invitation_expires_at
    if expires_at is None or now < expires_at:
        return None
    return InvitationLapsed(membership=next_status(member, Status.LAPSED, by=SYSTEM, at=expires_at))
