"""Inviting people of another room, and the place that they give up there (README, Invited from another room)."""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import HAS_SEAT_ELSEWHERE, Invite, InviteFrom, Status, Withdrawn
from practio_membership.domain import refusals
from practio_membership.domain.changes import Changes, Transition
from practio_membership.domain.decision_context import Decision, DecisionContext, only_if_open, only_offices
from practio_membership.domain.invitations import invite, invited_person, lapse_invitation
from practio_membership.domain.leaving import leave
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.room import RoomState, decides

Members = Mapping[UUID, MembershipState]

SEEKING_A_SEAT = frozenset({Status.REQUESTED, Status.WAITLISTED, Status.OFFERED})
"""The statuses of people who seek a seat; an offer is one of them: it holds a seat and gives none."""

IN_THE_ROOM = SEEKING_A_SEAT | {Status.JOINED}
"""The statuses of people who may be invited from a room: those who asked for it themselves and have not left."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person, and what came of inviting them: an event, a refusal, or None if nothing had to change."""

    person_id: UUID
    result: Decision


def fault_in(command: InviteFrom) -> Refusal | None:
    """Return what is wrong with the data of a command alone, or None."""
    return refusals.SAME_ROOM if command.from_room_id == command.room_id else None


def not_allowed_to_invite(context: DecisionContext, there: RoomState) -> Refusal | None:
    """Return why the actor may invite nobody from the room ``there``, or None; ``context`` is about nobody."""
    if refusal := only_offices(context):
        return refusal
    return only_if_open(context) if decides(there.room, context.actor) else refusals.NO_OFFICE


def invite_from(
    context: DecisionContext,
    command: InviteFrom,
    *,
    here: Members,
    there: Members,
    ids: Mapping[UUID, UUID],
    waitlist: Sequence[Key],
) -> tuple[Changes, list[Invitation]]:
    """Invite each person; ``here`` and ``there`` are their memberships in both rooms, ``ids`` those of new ones.

    ``context`` is about none of them, ``waitlist`` has the keys of all who wait here, in order. People are invited in
    the order of the waitlist there, and answered in the order of the command.
    """
    changes, keys = Changes(context.state), list(waitlist)
    found: dict[UUID, Decision] = {}
    for person_id in sorted(command.person_ids, key=lambda each: there[each].key if each in there else (0, 0)):
        if person_id not in there or there[person_id].status not in IN_THE_ROOM:
            found[person_id] = refusals.NOT_IN_THAT_ROOM
            continue
        member = here.get(person_id)
        if member and (lapsed := lapse_invitation(member, now=context.now)):
            changes = changes.with_event(member, lapsed)
            member = changes.transitions[-1].after
        about = replace(context, state=changes.state, person_id=person_id, member=member)
        person, result = _invited(about, command, ids[person_id], keys)
        found[person_id] = result
        if result and not isinstance(result, Refusal):
            changes = changes.with_event(person, result)
            if result.membership.status is Status.WAITLISTED:
                insort(keys, person.key)
    return changes, [Invitation(each, found[each]) for each in command.person_ids]


def _invited(
    context: DecisionContext, command: InviteFrom, membership_id: UUID, keys: Sequence[Key]
) -> tuple[MembershipState, Decision]:
    """Return the person and what inviting them comes to; a pending request is approved by it, as by ``invite``."""
    one = Invite(room_id=command.room_id, person_id=context.person_id, message=command.message)
    person = invited_person(context, one, membership_id=membership_id)
    if not person.is_live:
        person = replace(person, snapshot=person.snapshot.model_copy(update={"from_room_id": command.from_room_id}))
    ahead = bisect_left(keys, person.key)
    return person, invite(replace(context, ahead=ahead), one, person)


def gets_seat(transition: Transition) -> bool:
    """Return whether a person who was invited from another room has a seat here from now on."""
    before, after = transition.before, transition.after
    return (
        after.snapshot.from_room_id is not None and after.status is Status.JOINED and before.status is not Status.JOINED
    )


def give_up_place(member: MembershipState, *, seated_at: datetime, now: datetime) -> Withdrawn | None:
    """End what a person seeks here, since they have a seat elsewhere from ``seated_at`` on (UTC).

    A place that they asked for afterwards stays; so does a seat, unless the waitlist gave it by itself meanwhile.
    """
    snapshot = member.snapshot
    asked_later = snapshot.requested_at is not None and snapshot.requested_at > seated_at
    seated_by_itself = member.status is Status.JOINED and snapshot.since > seated_at and snapshot.by == SYSTEM
    if asked_later or not (member.status in SEEKING_A_SEAT or seated_by_itself):
        return None
    return leave(member, by=str(snapshot.person_id), now=now, reason=HAS_SEAT_ELSEWHERE)
