"""Where a room meets: which changes of it concern everybody in the room, and which sessions they concern."""

from collections.abc import Sequence

from practio_contracts.rooms import Room, RoomRevised, Session

_PLACES = ("place", "meeting_url")


def changed_places(event: RoomRevised) -> Sequence[str]:
    """Return which of the room's place and link have changed, as names of its fields."""
    return [name for name in _PLACES if name in event.changed_fields]


def moves_room(event: RoomRevised) -> bool:
    """Return whether the room's place or link has changed."""
    return bool(changed_places(event))


def still_meets_there(event: RoomRevised, room: Room) -> bool:
    """Return whether the room's newest snapshot still has a place or a link that ``event`` changed."""
    return any(getattr(room, name) == getattr(event.room, name) for name in changed_places(event))


def goes_by(event: RoomRevised, session: Session) -> bool:
    """Return whether a session is held at the room's place or link that has changed, not at one of its own."""
    return any(getattr(session, name) is None for name in changed_places(event))
