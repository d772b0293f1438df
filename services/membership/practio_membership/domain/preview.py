"""What would become of requests: decided by the rules of real ones, one after the other, and recorded nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    ApproveRequest,
    PreviewedPlaces,
    PreviewedRequest,
    RequestToJoin,
    Status,
)
from practio_membership.domain.changes import Changes
from practio_membership.domain.decision_context import Decision, DecisionContext
from practio_membership.domain.invitations import accept_by_request, invited_as
from practio_membership.domain.membership_state import MembershipState, newcomer
from practio_membership.domain.requests import approve_request, request_to_join
from practio_membership.domain.room import RoleSeats, RoomState


def preview_requests(
    context: DecisionContext,
    requests: Sequence[PreviewedRequest],
    members: Mapping[UUID, MembershipState],
    *,
    refused: Mapping[UUID, Refusal],
) -> tuple[list[Status | Refusal], RoomState]:
    """Return the status, or the refusal, of each request, and the room after them; ``context`` is about none of them.

    Each is approved at once if it needs that. ``refused`` are the people of whom no command is taken. The contested
    places stay the same: no place becomes free, and who waits for a contested one contests no other.
    """
    members, state = dict(members), context.state
    outcomes: list[Status | Refusal] = []
    for request in requests:
        person_id = request.person_id
        about = replace(context, state=state, person_id=person_id, member=members.get(person_id))
        refusal = refused.get(person_id)
        if refusal is None:
            refusal, about = _requested_and_approved(about, request)
        state = about.state
        if about.member:
            members[person_id] = about.member
        outcomes.append(refusal or _status_of(about))
    return outcomes, state


def _status_of(context: DecisionContext) -> Status:
    assert context.member is not None, "a request that is not refused leaves a membership"
    assert context.member.status is not None
    return context.member.status


def _requested_and_approved(
    context: DecisionContext, request: PreviewedRequest
) -> tuple[Refusal | None, DecisionContext]:
    """Return the refusal of a request or of its approval, and the context after what was not refused."""
    refusal, context = _requested(context, request)
    if refusal or _status_of(context) is not Status.REQUESTED:
        return refusal, context
    approval = ApproveRequest(room_id=context.state.room.room_id, person_id=request.person_id)
    return _after(context, context.member, approve_request(context, approval))


def _requested(context: DecisionContext, request: PreviewedRequest) -> tuple[Refusal | None, DecisionContext]:
    room_id = context.state.room.room_id
    command = RequestToJoin.model_validate({"room_id": room_id, **request.model_dump(exclude_unset=True)})
    if invited := invited_as(context, command):
        return _after(context, invited, accept_by_request(context, command, invited))
    person = newcomer(
        room_id,
        request.person_id,
        membership_id=room_id,
        by=context.by,
        now=context.now,
        preferred_roles=request.roles or (),
        requested_at=context.now,
    )
    return _after(context, person, request_to_join(context, command, person))


def _after(
    context: DecisionContext, member: MembershipState | None, decision: Decision
) -> tuple[Refusal | None, DecisionContext]:
    if isinstance(decision, Refusal):
        return decision, context
    if decision is None:
        return None, context
    assert member is not None, "only a person whom it concerns changes"
    changes = Changes(context.state).with_event(member, decision)
    return None, replace(context, state=changes.state, member=changes.transitions[-1].after)


def with_places(state: RoomState, places: PreviewedPlaces) -> RoomState:
    """Return the room as if these places were taken; those of roles that it does not have count as seats alone."""
    by_role = {role.name: RoleSeats() for role in state.room.roles} | dict(state.by_role)
    for name in by_role.keys() & places.by_role.keys():
        by_role[name] = replace(by_role[name], taken=by_role[name].taken + places.by_role[name])
    taken = state.taken + places.without_role + sum(places.by_role.values())
    return replace(state, by_role=by_role, taken=taken, waiting=state.waiting + places.waiting)


def places_between(before: RoomState, after: RoomState) -> PreviewedPlaces:
    """Return the places that are taken ``after`` and were not ``before``."""
    names = before.by_role.keys() | after.by_role.keys()
    more = {name: _taken(after, name) - _taken(before, name) for name in sorted(names)}
    by_role = {name: count for name, count in more.items() if count}
    return PreviewedPlaces(
        by_role=by_role,
        without_role=after.taken - before.taken - sum(by_role.values()),
        waiting=after.waiting - before.waiting,
    )


def _taken(state: RoomState, name: str) -> int:
    return state.by_role.get(name, RoleSeats()).taken
