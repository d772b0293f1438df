"""A room in the course of one message, and ``evolve``: what comes of a fact."""

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
    """One fact, and the person's standing before and after it."""

    before: Standing
    after: Standing
    fact: MembershipEvent


@dataclass(frozen=True, slots=True)
class Turn:
    """How a room stands, and what was told of people in it so far."""

    state: RoomState
    told: tuple[Told, ...] = ()

    def tell(self, standing: Standing, fact: MembershipEvent) -> "Turn":
        """Give the turn after ``fact``, which is about ``standing``."""
        state, after = evolve(self.state, standing, fact)
        return Turn(state, (*self.told, Told(standing, after, fact)))


def evolve(state: RoomState, standing: Standing, fact: MembershipEvent) -> tuple[RoomState, Standing]:
    """Give room and person after ``fact``; the only writer of either."""
    after = _person_after(standing, fact, state.last_number + 1)
    return _room_after(state, standing, after), after


def _person_after(standing: Standing, fact: MembershipEvent, next_number: int) -> Standing:
    shown = fact.membership
    changes: dict[str, Any] = {"shown": shown}
    if _comes_last(standing, fact):
        changes["number"] = next_number
    if standing.status is Status.REQUESTED and shown.status in _DECIDED:
        changes |= {"decided_by": shown.by, "decided_at": shown.since}
    if shown.status is not standing.status:
        changes["over_capacity"] = _is_beyond(fact)
    return replace(standing, **changes, **_remembered(fact))


_DECIDED = frozenset({Status.JOINED, Status.WAITLISTED, Status.DECLINED})


def _comes_last(standing: Standing, fact: MembershipEvent) -> bool:
    """Say whether the person gets the next number: who asks, who accepts an invitation, who is sent to the end."""
    requeued = isinstance(fact, OfferLapsed) and fact.membership.status is Status.WAITLISTED
    accepted = standing.status is Status.INVITED and fact.membership.status in (Status.JOINED, Status.WAITLISTED)
    return requeued or accepted or not standing.number


def _is_beyond(fact: MembershipEvent) -> bool:
    """Say whether a fact gives a place beyond the seats that are free, or promises one."""
    match fact:
        case Invited() | SeatOffered():
            return fact.over_capacity
        case Joined():
            return fact.how is How.OVER_CAPACITY
        case _:
            return False


def _remembered(fact: MembershipEvent) -> dict[str, Any]:
    """Give what the rules remember of a fact beside its snapshot."""
    match fact:
        case SeatOffered():
            return {"set_aside": False, "lapsed_at": None}
        case OfferRevoked():
            return {"set_aside": True}
        case OfferLapsed():
            return {"lapsed_at": fact.membership.since}
        case Removed():
            return {"barred": fact.barred}
        case BarLifted():
            return {"barred": False}
        case Prioritised():
            return {"priority": fact.priority}
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
        if fact := tell(turn.state, standing):
            turn = turn.tell(standing, fact)
    return turn
