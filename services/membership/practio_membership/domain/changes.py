"""The changes of a room within one message, and ``evolve``, which applies an event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from practio_contracts.membership import (
    BarLifted,
    How,
    Invited,
    Joined,
    Membership,
    MembershipEvent,
    OfferLapsed,
    OfferRevoked,
    Prioritised,
    Removed,
    SeatOffered,
    Status,
)
from practio_contracts.rooms import Access
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoleSeats, RoomState, capacity_of

COUNTS = {
    Status.JOINED: "taken",
    Status.OFFERED: "held",
    Status.WAITLISTED: "waiting",
    Status.REQUESTED: "pending",
}
"""Which count of the room a person is part of, by status."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One event, and the person's state before and after it."""

    before: MembershipState
    after: MembershipState
    event: MembershipEvent


@dataclass(frozen=True, slots=True)
class Changes:
    """A room's state, and the transitions of its people so far."""

    state: RoomState
    transitions: tuple[Transition, ...] = ()

    def with_event(self, member: MembershipState, event: MembershipEvent) -> "Changes":
        """Return the changes including ``event``, which is about ``member``."""
        state, after = evolve(self.state, member, event)
        return Changes(state, (*self.transitions, Transition(member, after, event)))


def evolve(state: RoomState, member: MembershipState, event: MembershipEvent) -> tuple[RoomState, MembershipState]:
    """Return room and person after ``event``; the only writer of either."""
    after = _person_after(member, event, state.last_number + 1, state.room.access)
    return _room_after(state, member, after), after


def _person_after(member: MembershipState, event: MembershipEvent, next_number: int, access: Access) -> MembershipState:
    snapshot = event.membership
    changes: dict[str, Any] = {"snapshot": snapshot}
    if _gets_next_number(member, event):
        changes["number"] = next_number
    if member.status is Status.REQUESTED and snapshot.status in _DECIDED:
        changes |= {"decided_by": snapshot.by, "decided_at": snapshot.since}
    if snapshot.status is not member.status:
        changes["over_capacity"] = _is_beyond(event)
        changes["request_expires_at"] = _request_expiry(snapshot, access)
    return replace(member, **changes, **_remembered(event))


_DECIDED = frozenset({Status.JOINED, Status.WAITLISTED, Status.DECLINED})


def _request_expiry(snapshot: Membership, access: Access) -> datetime | None:
    """Return when a request lapses; None for any other status. A later change of the room's rules does not move it."""
    if snapshot.status is not Status.REQUESTED:
        return None
    return snapshot.since + timedelta(days=access.request_expires_after_days)


def _gets_next_number(member: MembershipState, event: MembershipEvent) -> bool:
    """Return whether the person gets the next number: a new request, an accepted invitation, a requeued offer."""
    requeued = isinstance(event, OfferLapsed) and event.membership.status is Status.WAITLISTED
    accepted = member.status is Status.INVITED and event.membership.status in (Status.JOINED, Status.WAITLISTED)
    return requeued or accepted or not member.number


def _is_beyond(event: MembershipEvent) -> bool:
    """Return whether an event gives, or promises, a place beyond the free seats."""
    match event:
        case Invited() | SeatOffered():
            return event.over_capacity
        case Joined():
            return event.how is How.OVER_CAPACITY
        case _:
            return False


def _remembered(event: MembershipEvent) -> dict[str, Any]:
    """Return what the rules remember of an event beside its snapshot."""
    match event:
        case SeatOffered():
            return {"set_aside": False, "lapsed_at": None}
        case OfferRevoked():
            return {"set_aside": True}
        case OfferLapsed():
            return {"lapsed_at": event.membership.since}
        case Removed():
            return {"barred": event.barred}
        case BarLifted():
            return {"barred": False}
        case Prioritised():
            return {"priority": event.priority}
        case _:
            return {}


def _room_after(state: RoomState, before: MembershipState, after: MembershipState) -> RoomState:
    counts = {name: getattr(state, name) for name in COUNTS.values()}
    by_role = state.by_role
    for snapshot, step in ((before.snapshot, -1), (after.snapshot, 1)):
        count = COUNTS.get(snapshot.status) if snapshot.version else None
        if count is not None:
            counts[count] += step
            by_role = _role_after(by_role, snapshot, step)
    used = counts["taken"] + counts["held"]
    return replace(
        state,
        **counts,
        by_role=by_role,
        beyond=state.beyond + _has_extra(after) - _has_extra(before),
        capacity_in_use=max(capacity_of(state.room), used if _has_extra(after) else min(state.capacity_in_use, used)),
        last_number=max(state.last_number, after.number),
    )


def _has_extra(member: MembershipState) -> bool:
    return member.has_place and member.over_capacity


def _role_after(by_role: Mapping[str, RoleSeats], snapshot: Membership, step: int) -> Mapping[str, RoleSeats]:
    if snapshot.role is None:
        return by_role
    used = by_role.get(snapshot.role, RoleSeats())
    if snapshot.status is Status.JOINED:
        changed = replace(used, taken=used.taken + step)
    else:
        changed = replace(used, held=used.held + step)
    rest = {name: seats for name, seats in by_role.items() if name != snapshot.role}
    return rest | {snapshot.role: changed} if changed != RoleSeats() else rest


def with_each(
    changes: Changes,
    members: Iterable[MembershipState],
    event_of: Callable[[RoomState, MembershipState], MembershipEvent | None],
) -> Changes:
    """Return the changes with the ``event_of`` each member, in order, given the state by then."""
    for member in members:
        if event := event_of(changes.state, member):
            changes = changes.with_event(member, event)
    return changes
