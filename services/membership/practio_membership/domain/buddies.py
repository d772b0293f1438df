"""Buddies: who gives whom to a newcomer, and what ends it (README, Buddies)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import AssignBuddy, BuddyAssigned, Status
from practio_membership.domain import refusals
from practio_membership.domain.changes import Transition
from practio_membership.domain.decision_context import DecisionContext, only_before_the_end, only_offices
from practio_membership.domain.membership_state import MembershipState

Pairs = Mapping[UUID, UUID]
"""The buddies of a room, by the person whose buddy each is."""


def fault_in(command: AssignBuddy) -> Refusal | None:
    """Return what is wrong with the data of a command alone, or None."""
    return refusals.OWN_BUDDY if command.buddy_id == command.person_id else None


def assign_buddy(
    context: DecisionContext, command: AssignBuddy, buddy: MembershipState | None, pairs: Pairs
) -> BuddyAssigned | Refusal | None:
    """Assign a person another buddy, or take it back; ``buddy`` is the membership of the buddy, None without one."""
    if refusal := only_offices(context) or only_before_the_end(context):
        return refusal
    if not _has_joined(context.member):
        return refusals.NOT_IN_THE_ROOM
    if command.buddy_id and not _has_joined(buddy):
        return refusals.BUDDY_NOT_IN_THE_ROOM
    if pairs.get(command.person_id) == command.buddy_id:
        return None
    return BuddyAssigned(room_id=command.room_id, person_id=command.person_id, buddy_id=command.buddy_id)


def _has_joined(member: MembershipState | None) -> bool:
    return member is not None and member.status is Status.JOINED


def who_left(transitions: Iterable[Transition]) -> set[UUID]:
    """Return the people who had a seat and have none any more, whatever the reason."""
    return {
        each.after.snapshot.person_id
        for each in transitions
        if each.before.status is Status.JOINED and each.after.status is not Status.JOINED
    }


def ended_by(left: set[UUID], pairs: Pairs) -> list[UUID]:
    """Return whose buddies end since one of the two is among those who ``left``, in the order of ids."""
    return sorted(person_id for person_id, buddy_id in pairs.items() if left & {person_id, buddy_id})
