"""The state of a room between two messages: its rules by the newest event, and its seats, counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import OccupancyChanged, RoleOccupancy
from practio_contracts.rooms import ENDED_ROOM, TRIAD, Format, Role, Room, free_seats

Actor = UUID | str | None
"""A person's id, or ``system``; None may do nothing."""

Place = str | None
"""The kind of a seat: a role of the room, or None in a room without roles."""


@dataclass(frozen=True, slots=True)
class RoleSeats:
    """The seats of one role that are taken, and held by offers."""

    taken: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room's rules and counts.

    ``capacity_in_use`` is how many seats may be in use: the capacity, or the seats in use when it was lowered or when a
    place was given beyond it. ``beyond`` of the places in use were given beyond the free seats. ``last_number`` is the
    last waitlist number. ``occupancy_sequence`` counts the occupancy events.
    """

    room: Room
    taken: int = 0
    held: int = 0
    waiting: int = 0
    pending: int = 0
    by_role: Mapping[str, RoleSeats] = field(default_factory=dict)
    beyond: int = 0
    capacity_in_use: int = 0
    last_number: int = 0
    occupancy_sequence: int = 0

    @property
    def free(self) -> int:
        """Return the seats that somebody can take: neither taken nor held, and in a role if the room has roles."""
        used = {name: seats.taken + seats.held for name, seats in self.by_role.items()}
        return seats_free(self.room, self.taken + self.held, used)

    @property
    def has_not_ended(self) -> bool:
        """Return whether the room is neither cancelled nor archived."""
        return self.room.status not in ENDED_ROOM

    @property
    def serves_its_waitlist(self) -> bool:
        """Return whether free seats go to the waitlist: in closed rooms too, but not without a waitlist."""
        return self.has_not_ended and self.room.access.waitlist.enabled


def with_rules(state: RoomState, room: Room) -> RoomState:
    """Return the state under the new rules of ``room``."""
    return replace(
        state, room=room, capacity_in_use=max(capacity_of(room), min(state.capacity_in_use, state.taken + state.held))
    )


def capacity_of(room: Room) -> int:
    """Return the seats of a room; a published room always states them."""
    return room.capacity or 0


def seats_free(room: Room, in_use: int, used: Mapping[str, int]) -> int:
    """Return the seats that somebody can take, if ``in_use`` are taken or held, and of each role those of ``used``."""
    roles = ((role.seats, used.get(role.name, 0)) for role in room.roles)
    return free_seats(capacity_of(room), in_use, roles)


def open_places(state: RoomState) -> tuple[Place, ...]:
    """Return the kinds of seats that are free now, in the room's order; empty if no seat is free."""
    if not state.free:
        return ()
    return open_roles(state) if state.room.roles else (None,)


def open_roles(state: RoomState) -> tuple[str, ...]:
    """Return the roles that have a seat left, whether or not the room has one, in the room's order."""
    return tuple(role.name for role in state.room.roles if _seats_left(state, role) != 0)


def seats_left(state: RoomState, name: str) -> int | None:
    """Return the seats of a role that are neither taken nor held; None if it has as many as the room."""
    return next((_seats_left(state, role) for role in state.room.roles if role.name == name), 0)


def _seats_left(state: RoomState, role: Role) -> int | None:
    used = state.by_role.get(role.name, RoleSeats())
    return None if role.seats is None else max(0, role.seats - used.taken - used.held)


def extra_place(state: RoomState, preferred_roles: Sequence[str]) -> Place:
    """Return the kind of a place beyond the free seats: a preferred role, if possible one with a seat left."""
    names = [role.name for role in state.room.roles]
    preferred = [name for name in preferred_roles if name in names] or names
    has_seat = open_roles(state)
    return next((name for name in preferred if name in has_seat), preferred[0] if preferred else None)


def takes(preferred_roles: Sequence[str], place: Place) -> bool:
    """Return whether a person with these preferred roles, or any if empty, would take the place.

    In a room that no longer has roles, preferred roles mean nothing.
    """
    return not preferred_roles or place is None or place in preferred_roles


def in_order_of_preference(places: Sequence[Place], preferred_roles: Sequence[str]) -> list[Place]:
    """Return those of ``places`` that are preferred, the most preferred first."""
    if not preferred_roles or None in places:
        return list(places)
    return [place for place in preferred_roles if place in places]


def decides(room: Room, actor: Actor) -> bool:
    """Return whether ``actor`` decides on requests and sees everyone: an office, or the system."""
    return actor == SYSTEM or actor in room.office_ids


def has_role(room: Room, name: str) -> bool:
    """Return whether the room has a role of that name."""
    return any(role.name == name for role in room.roles)


def missing_roles(state: RoomState) -> list[str]:
    """Return the roles that the room's format requires and that nobody has; only triads bind roles."""
    if state.room.format is not Format.PEER_COACHING:
        return []
    needed = (role.name for role in state.room.roles if role.name.casefold() in TRIAD)
    return [name for name in needed if not state.by_role.get(name, RoleSeats()).taken]


def empty_roles(state: RoomState) -> list[str]:
    """Return the roles of the room that nobody has, whether its format requires them or not."""
    return [role.name for role in state.room.roles if not state.by_role.get(role.name, RoleSeats()).taken]


def is_viable(state: RoomState) -> bool:
    """Return whether the room can run its format: somebody has joined, and every binding role is taken."""
    return state.taken > 0 and not missing_roles(state)


def has_same_occupancy(state: RoomState, other: RoomState) -> bool:
    """Return whether both states have the same occupancy."""
    return _occupancy_figures(state) == _occupancy_figures(other)


def _occupancy_figures(state: RoomState) -> tuple[object, ...]:
    room = state.room
    return room.capacity, room.roles, state.taken, state.held, state.waiting, state.pending, state.by_role, state.beyond


def occupancy(state: RoomState) -> OccupancyChanged:
    """Return the room's occupancy event; a role that was removed has no seats as long as people are in it."""
    named = {role.name: role.seats for role in state.room.roles}
    gone = {name: 0 for name in state.by_role if name not in named}
    return OccupancyChanged(
        room_id=state.room.room_id,
        capacity=capacity_of(state.room),
        seats_taken=state.taken,
        seats_held=state.held,
        waiting=state.waiting,
        pending=state.pending,
        by_role={name: _role(state, name, seats) for name, seats in (named | gone).items()},
        over_capacity=state.beyond,
        viable=is_viable(state),
        seats_free=state.free,
    )


def _role(state: RoomState, name: str, seats: int | None) -> RoleOccupancy:
    used = state.by_role.get(name, RoleSeats())
    return RoleOccupancy(seats=seats, taken=used.taken, held=used.held)
