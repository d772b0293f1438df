"""What calendar entries have of a room: its title, place and link; which changes of these concern which sessions."""

from collections.abc import Sequence

from practio_contracts.rooms import Room, RoomRevised, Session

_TITLE = "title"
_PLACES = ("place", "meeting_url")


def changed_places(event: RoomRevised) -> Sequence[str]:
    """Return which of the room's place and link have changed, as names of its fields."""
    return [name for name in _PLACES if name in event.changed_fields]


def moves_room(event: RoomRevised) -> bool:
    """Return whether the room's place or link has changed, with or without its title."""
    return bool(changed_places(event))


def renames_room(event: RoomRevised) -> bool:
    """Return whether the room's title has changed, and neither place nor link."""
    return _has_new_title(event) and not moves_room(event)


def still_holds(event: RoomRevised, room: Room) -> bool:
    """Return whether the room's newest snapshot still has a title, a place or a link that ``event`` changed."""
    changed = [name for name in (_TITLE, *_PLACES) if name in event.changed_fields]
    return any(getattr(room, name) == getattr(event.room, name) for name in changed)


def changes_entries(event: RoomRevised) -> bool:
    """Return whether what has changed is in calendar entries of sessions."""
    return _has_new_title(event) or moves_room(event)


def concerns(event: RoomRevised, session: Session) -> bool:
    """Return whether a session's entry changes: by a title always, by a place or link if it has none of its own."""
    return _has_new_title(event) or any(getattr(session, name) is None for name in changed_places(event))


def _has_new_title(event: RoomRevised) -> bool:
    return _TITLE in event.changed_fields
