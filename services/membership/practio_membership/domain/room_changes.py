"""The effects of a room's change on its people and its waitlist."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import HAS_OFFICE, How, MembershipEvent, Status
from practio_contracts.rooms import ENDED_ROOM, Policy, Room
from practio_membership.domain import leaving, refusals
from practio_membership.domain.changes import Changes, with_each
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.offers import revoked
from practio_membership.domain.room import Actor, Place, RoomState
from practio_membership.domain.seats import place


@dataclass(frozen=True, slots=True)
class RoomChange:
    """A room before and after a change."""

    before: Room
    after: Room
    actor: Actor
    now: datetime

    @property
    def by(self) -> str:
        """Return the actor of the change, as snapshots have it."""
        return str(self.actor or SYSTEM)

    @property
    def ends(self) -> bool:
        """Return whether the room ends."""
        return self.after.status in ENDED_ROOM

    @property
    def stops_waitlist(self) -> bool:
        """Return whether the waitlist was switched off."""
        return self.before.access.waitlist.enabled and not self.after.access.waitlist.enabled

    @property
    def opens(self) -> bool:
        """Return whether the room became open to everybody."""
        return self.after.access.policy is Policy.OPEN and self.before.access.policy is not Policy.OPEN

    @property
    def appointed(self) -> frozenset[UUID]:
        """Return the people who newly hold an office."""
        return frozenset(self.after.office_ids) - frozenset(self.before.office_ids)

    def concerned(self) -> set[Status]:
        """Return the statuses of the people whom the change affects, apart from those appointed."""
        stopped = {Status.OFFERED} if self.stops_waitlist else set()
        return stopped | ({Status.REQUESTED} if self.opens else set())


def settle(
    state: RoomState,
    change: RoomChange,
    people: Sequence[MembershipState],
    *,
    waitlist: Sequence[Key] = (),
    contested: frozenset[Place] = frozenset(),
) -> Changes:
    """Return the effects of a change on ``people``, in waitlist order; ``state`` is under the new rules.

    ``waitlist`` has the keys of all who wait, ``contested`` the places that one of them would take, free by now or not.
    People who are appointed leave their seat; without a waitlist offers are revoked; in a room that became open,
    requests are approved as far as there are places.
    """
    changes = with_each(Changes(state), people, lambda _, each: _left_or_revoked(each, change))
    if not change.opens:
        return changes
    keys = list(waitlist)
    return with_each(changes, people, lambda as_is, each: _approved(as_is, each, change, keys, contested))


def _left_or_revoked(member: MembershipState, change: RoomChange) -> MembershipEvent | None:
    if member.snapshot.person_id in change.appointed:
        return leaving.leave(member, by=change.by, now=change.now, reason=HAS_OFFICE)
    if change.stops_waitlist and member.status is Status.OFFERED:
        return revoked(member, by=change.by, now=change.now)
    return None


def _approved(
    state: RoomState, member: MembershipState, change: RoomChange, keys: list[Key], contested: frozenset[Place]
) -> MembershipEvent | None:
    """Approve a request, and keep ``keys`` in step. Without a seat or a place on the waitlist, the request stays."""
    if member.status is not Status.REQUESTED or member.snapshot.person_id in change.appointed:
        return None
    ahead = bisect_left(keys, member.key)
    context = DecisionContext(state, member.snapshot.person_id, member, change.actor, change.now, contested, ahead)
    outcome = place(context, member, how=How.APPROVED, without_waitlist=refusals.SEAT_TAKEN)
    if isinstance(outcome, Refusal):
        return None
    if outcome.membership.status is Status.WAITLISTED:
        keys.insert(ahead, member.key)
    return outcome
