"""A room in the course of one message, and ``evolve``: what comes of an event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
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
from practio_membership.domain.membership_state import Standing
from practio_membership.domain.room import RoleSeats, RoomState, capacity_of

COUNTS = {
    Status.JOINED: "taken",
    Status.OFFERED: "held",
    Status.WAITLISTED: "waiting",
    Status.REQUESTED: "pending",
}
"""Which count of the room a person is part of, by status."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and the person's standing before and after it."""

    before: Standing
    after: Standing
    event: MembershipEvent


@dataclass(frozen=True, slots=True)
class Turn:
    """How a room stands, and what was told of people in it so far."""

    state: RoomState
    told: tuple[Told, ...] = ()

    def tell(self, standing: Standing, event: MembershipEvent) -> "Turn":
        """Give the turn after ``event``, which is about ``standing``."""
        state, after = evolve(self.state, standing, event)
        return Turn(state, (*self.told, Told(standing, after, event)))


def evolve(state: RoomState, standing: Standing, event: MembershipEvent) -> tuple[RoomState, Standing]:
    """Give room and person after ``event``; the only writer of either."""
    after = _person_after(standing, event, state.last_number + 1)
    return _room_after(state, standing, after), after


def _person_after(standing: Standing, event: MembershipEvent, next_number: int) -> Standing:
    shown = event.membership
    changes: dict[str, Any] = {"shown": shown}
    if _comes_last(standing, event):
        changes["number"] = next_number
    if standing.status is Status.REQUESTED and shown.status in _DECIDED:
        changes |= {"decided_by": shown.by, "decided_at": shown.since}
    if shown.status is not standing.status:
        changes["over_capacity"] = _is_beyond(event)
    return replace(standing, **changes, **_remembered(event))


_DECIDED = frozenset({Status.JOINED, Status.WAITLISTED, Status.DECLINED})


def _comes_last(standing: Standing, event: MembershipEvent) -> bool:
    """Say whether the person gets the next number: who asks, who accepts an invitation, who is sent to the end."""
    requeued = isinstance(event, OfferLapsed) and event.membership.status is Status.WAITLISTED
    accepted = standing.status is Status.INVITED and event.membership.status in (Status.JOINED, Status.WAITLISTED)
    return requeued or accepted or not standing.number


def _is_beyond(event: MembershipEvent) -> bool:
    """Say whether an event gives a place beyond the seats that are free, or promises one."""
    match event:
        case Invited() | SeatOffered():
            return event.over_capacity
        case Joined():
            return event.how is How.OVER_CAPACITY
        case _:
            return False


def _remembered(event: MembershipEvent) -> dict[str, Any]:
    """Give what the rules remember of an event beside its snapshot."""
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


def _room_after(state: RoomState, before: Standing, after: Standing) -> RoomState:
    counts = {name: getattr(state, name) for name in COUNTS.values()}
    by_role = state.by_role
    for shown, step in ((before.shown, -1), (after.shown, 1)):
        count = COUNTS.get(shown.status) if shown.version else None
        if count is not None:
            counts[count] += step
            by_role = _role_after(by_role, shown, step)
    used = counts["taken"] + counts["held"]
    return replace(
        state,
        **counts,
        by_role=by_role,
        beyond=state.beyond + _has_extra(after) - _has_extra(before),
        most=max(capacity_of(state.room), used if _has_extra(after) else min(state.most, used)),
        last_number=max(state.last_number, after.number),
    )


def _has_extra(standing: Standing) -> bool:
    return standing.has_place and standing.over_capacity


def _role_after(by_role: Mapping[str, RoleSeats], shown: Membership, step: int) -> Mapping[str, RoleSeats]:
    if shown.role is None:
        return by_role
    used = by_role.get(shown.role, RoleSeats())
    if shown.status is Status.JOINED:
        changed = replace(used, taken=used.taken + step)
    else:
        changed = replace(used, held=used.held + step)
    rest = {name: seats for name, seats in by_role.items() if name != shown.role}
    return rest | {shown.role: changed} if changed != RoleSeats() else rest


def told_of_each(
    turn: Turn, standings: Iterable[Standing], tell: Callable[[RoomState, Standing], MembershipEvent | None]
) -> Turn:
    """Give the turn after what ``tell`` has to say of each standing, in order, in the room as it is by then."""
    for standing in standings:
        if event := tell(turn.state, standing):
            turn = turn.tell(standing, event)
    return turn
