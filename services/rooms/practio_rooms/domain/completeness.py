"""The fields that a room must state to be published."""

from collections.abc import Iterator

from practio_contracts.answers import FieldError
from practio_contracts.rooms import Mode, Room
from practio_rooms.domain.formats import format_faults

_MUST_STATE = {
    "domain": "state which domain the room belongs to",
    "purpose": "state what the room is for",
    "format": "state how the room works",
    "mode": "state where people meet: online, in person or both",
    "capacity": "state how many people the room holds",
    "roles": "state which roles people take",
    "time_zone": "state in which time zone the room meets",
}


def faults(room: Room) -> Iterator[FieldError]:
    """Yield every fault that keeps the room from being published, with its field."""
    for name, message in _MUST_STATE.items():
        if not getattr(room, name):
            yield FieldError(field=name, message=message)
    if room.access.policy is None:
        yield FieldError(field="access.policy", message="choose who can join: open, approval or invitation")
    yield from _meeting_faults(room)
    yield from _seat_faults(room)
    yield from format_faults(room)


def _meeting_faults(room: Room) -> Iterator[FieldError]:
    if room.mode in (Mode.IN_PERSON, Mode.HYBRID) and not room.place:
        yield FieldError(field="place", message="enter the place where people meet in person")
    if room.mode in (Mode.ONLINE, Mode.HYBRID) and not room.meeting_url:
        yield FieldError(field="meeting_url", message="enter the address where people meet online")


def _seat_faults(room: Room) -> Iterator[FieldError]:
    seats = sum(role.seats or 0 for role in room.roles)
    if room.capacity and seats > room.capacity:
        yield FieldError(
            field="roles", message=f"the roles have {seats} seats, but the room has {room.capacity}: make them equal"
        )
