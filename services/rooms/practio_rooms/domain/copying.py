"""Drafting a room after another one: who may, and what the copy keeps (README, Copies)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import CopyRoom, Kept, Room, RoomDrafted, RoomStatus
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import Actor, RoomState, is_host_or_system, not_allowed
from practio_rooms.domain.statements import ID_TAKEN, restated, too_long, with_one_office_each

_FIELDS: Mapping[Kept, tuple[str, ...]] = {
    Kept.STATEMENTS: (
        "domain",
        "purpose",
        "for_whom",
        "format",
        "mode",
        "capacity",
        "language",
        "time_zone",
        "place",
        "meeting_url",
        "sponsor",
    ),
    Kept.ACCESS: ("access",),
    Kept.GUIDELINES: ("guidelines",),
    Kept.ROLES: ("roles",),
    Kept.OFFICES: ("facilitator_ids", "steward_ids"),
    Kept.NOTES: (),
}
"""The fields of the snapshot that a copy keeps; notes are rows of their own."""


def not_allowed_to_copy(origin: Room, by: Actor) -> Refusal | None:
    """Return why an actor may not copy a room, or None."""
    if is_host_or_system(origin, by) or by in origin.steward_ids:
        return None
    return not_allowed("only the host and the stewards can make a copy of a room: ask one of them")


def empty_copy(command: CopyRoom, origin: Room, host: UUID) -> RoomState:
    """Return the state of a copy before its first event."""
    title = command.title or origin.title
    room = Room(room_id=command.new_room_id, version=0, status=RoomStatus.DRAFT, title=title, host_id=host)
    return RoomState(room=room, fingerprint=fingerprint_of(command, str(host)))


def copy_room(state: RoomState, command: CopyRoom, origin: Room, host: UUID) -> RoomDrafted | Refusal | None:
    """Draft a copy; the same command again changes nothing, whatever happened to either room since.

    ``state`` is the room with the new id, or ``empty_copy`` if it does not exist. The former host holds no office in a
    copy that a steward makes. Sessions, people and what they wrote stay in their room, but for notes that were asked
    for.
    """
    if state.fingerprint != fingerprint_of(command, str(host)):
        return ID_TAKEN
    if state.room.version:
        return None
    kept = [name for part in command.keep for name in _FIELDS[part]]
    room = with_one_office_each(restated(state, _of(origin, kept)))
    return too_long(room) or RoomDrafted(room=room.model_copy(update={"version": 1, "origin_id": origin.room_id}))


def _of(origin: Room, names: list[str]) -> dict[str, Any]:
    """Return what a room states in the fields; what it leaves open is open in the copy too."""
    return {name: value for name, value in origin.model_dump(include=set(names)).items() if value is not None}
