"""The defaults of each format, and the roles that it binds."""

from collections.abc import Iterator, Set

from practio_contracts.answers import FieldError
from practio_contracts.rooms import TRIAD, USUAL_SEATS, Format, Room, RoomStatus, usual_roles


def with_defaults(room: Room, *, before: Room, given: Set[str]) -> Room:
    """Return the room with the format's defaults in the fields that it leaves open.

    Roles that were the defaults of ``before`` follow a new format or capacity, and the capacity of a draft a new
    format, unless they are ``given``.
    """
    if room.format is None:
        return room
    capacity = room.capacity or USUAL_SEATS[room.format]
    if "capacity" not in given and _has_default_capacity(before):
        capacity = USUAL_SEATS[room.format]
    follow = "roles" not in given and _has_default_roles(before)
    roles = usual_roles(room.format, capacity) if follow or not room.roles else room.roles
    return room.model_copy(update={"capacity": capacity, "roles": roles})


def _has_default_capacity(room: Room) -> bool:
    """Return whether a draft has the capacity of its format; to a published room, people came for its seats."""
    return room.status is RoomStatus.DRAFT and room.format is not None and room.capacity == USUAL_SEATS[room.format]


def _has_default_roles(room: Room) -> bool:
    if room.format is None or room.capacity is None:
        return False
    return room.roles == usual_roles(room.format, room.capacity)


def format_faults(room: Room) -> Iterator[FieldError]:
    """Yield the faults of roles and capacity with which the format cannot run; numbers of seats are only advice."""
    if room.format is not Format.PEER_COACHING:
        return
    if {role.name.casefold() for role in room.roles} != set(TRIAD):
        yield FieldError(field="roles", message=f"peer coaching meets in triads: its roles are {', '.join(TRIAD)}")
    elif len({role.seats for role in room.roles}) > 1:
        yield FieldError(field="roles", message="the roles of a triad have equal seats")
    if (room.capacity or 0) % len(TRIAD):
        yield FieldError(field="capacity", message="peer coaching meets in triads: the capacity is a multiple of three")
