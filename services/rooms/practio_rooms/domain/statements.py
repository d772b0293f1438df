"""Creating and revising a room."""

from types import NoneType
from typing import Any, get_args
from uuid import UUID

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.message import Part
from practio_contracts.rooms import (
    ENDED_ROOM,
    Access,
    CreateRoom,
    RefusalCode,
    ReviseRoom,
    Room,
    RoomDrafted,
    RoomRevised,
    RoomStatus,
    Waitlist,
)
from practio_rooms.domain.completeness import faults
from practio_rooms.domain.formats import with_defaults
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import (
    ROOM_UNKNOWN,
    Actor,
    RoomState,
    incomplete,
    is_host_or_system,
    not_allowed,
    not_in_this_state,
    revised,
)
from practio_rooms.domain.sponsors import Sponsors, with_sponsor

MOST_BYTES = 160 * 1024
"""The largest snapshot as JSON: an event holds it, a reason and the envelope within the 256 KiB of a message."""

NO_HOST = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="a room always has a host: the actor of create-room must be a person, who becomes its host",
)

ID_TAKEN = Refusal(
    code=RefusalCode.ID_TAKEN, detail="a room with this id already exists with other content: use a new id"
)
NO_SPONSORS: Sponsors = {}
_MERGED: dict[str, type[Part]] = {"access": Access, "waitlist": Waitlist}
_OF_FACILITATORS = frozenset({"purpose", "guidelines"})


def empty_state(command: CreateRoom, host: UUID) -> RoomState:
    """Return the state of a room before its first event."""
    room = Room(room_id=command.room_id, version=0, status=RoomStatus.DRAFT, title=command.title, host_id=host)
    return RoomState(room=room, fingerprint=fingerprint_of(command, str(host)))


def create_room(
    state: RoomState, command: CreateRoom, host: UUID, sponsors: Sponsors = NO_SPONSORS
) -> RoomDrafted | Refusal | None:
    """Draft a room; the same command again changes nothing, whatever happened to the room since.

    ``state`` is the room with the id in the command, or ``empty_state`` if it does not exist; ``sponsors`` has the
    registered one that the command names.
    """
    if state.fingerprint != fingerprint_of(command, str(host)):
        return ID_TAKEN
    if state.room.version:
        return None
    stated = with_sponsor(_stated(command), state.room.sponsor, sponsors)
    if isinstance(stated, Refusal):
        return stated
    room = with_one_office_each(restated(state, stated))
    return too_long(room) or RoomDrafted(room=room.model_copy(update={"version": 1}))


def refuse_discarded_id(discarded: str, command: CreateRoom, host: UUID) -> Refusal:
    """Return the refusal for the id of a draft; ``discarded`` is the fingerprint of the command that created it.

    The same command again, late or repeated, does not bring the draft back: it is unknown, as to any other command.
    """
    return refuse_discarded(is_repeated=discarded == fingerprint_of(command, str(host)))


def refuse_discarded(*, is_repeated: bool) -> Refusal:
    """Return the refusal for the id of a discarded draft; ``is_repeated``: by the command that created it."""
    return ROOM_UNKNOWN if is_repeated else ID_TAKEN


def revise_room(
    state: RoomState, command: ReviseRoom, by: Actor, *, sponsors: Sponsors = NO_SPONSORS
) -> RoomRevised | Refusal | None:
    """Revise a room field by field; a room that was published stays complete."""
    room, stated = state.room, _stated(command)
    if not (is_host_or_system(room, by) or (by in room.facilitator_ids and stated.keys() <= _OF_FACILITATORS)):
        return not_allowed("only the host can revise a room; facilitators can revise its purpose and guidelines")
    if room.status in ENDED_ROOM:
        return not_in_this_state(room, action="revised")
    if command.expected_version not in (None, room.version):
        return Refusal(
            code=RefusalCode.VERSION_CONFLICT,
            detail=f"the room is at version {room.version} now: read it again and repeat the change",
        )
    complete = with_sponsor(stated, room.sponsor, sponsors)
    if isinstance(complete, Refusal):
        return complete
    event = revised(room, restated(state, complete))
    if event is None:
        return None
    is_draft = room.status is RoomStatus.DRAFT
    return too_long(event.room) or (None if is_draft else incomplete(faults(event.room))) or event


def _stated(command: CreateRoom | ReviseRoom) -> dict[str, Any]:
    given = command.model_dump(exclude_unset=True, exclude={"room_id", "expected_version"})
    return _without_idle_nulls(Room, given)


def _without_idle_nulls(model: type[Part], given: dict[str, Any]) -> dict[str, Any]:
    """Drop the nulls of fields that cannot be null: for them, null means "not given"."""
    return {
        name: _without_idle_nulls(_MERGED[name], value) if name in _MERGED else value
        for name, value in given.items()
        if value is not None or NoneType in get_args(model.model_fields[name].annotation)
    }


def restated(state: RoomState, stated: dict[str, Any]) -> Room:
    """Return the room with ``stated`` merged in, its guidelines numbered and the defaults of its format filled in."""
    merged = _merged(state.room.model_dump(), _with_guidelines_version(state, stated))
    return with_defaults(Room.model_validate(merged), before=state.room, given=stated.keys())


def _merged(base: dict[str, Any], stated: dict[str, Any]) -> dict[str, Any]:
    over = {name: _merged(base[name], value) if name in _MERGED else value for name, value in stated.items()}
    return base | over


def _with_guidelines_version(state: RoomState, stated: dict[str, Any]) -> dict[str, Any]:
    """Return the guidelines numbered; no number stands for two texts, even if the room had no guidelines in between."""
    if not stated.get("guidelines"):
        return stated
    text, old = stated["guidelines"]["text"], state.room.guidelines
    version = old.version if old and old.text == text else state.guidelines_version + 1
    return stated | {"guidelines": {"text": text, "version": version}}


def with_one_office_each(room: Room) -> Room:
    """Return the room with the first of each person's offices alone: host, facilitator, steward."""
    facilitators = [person for person in room.facilitator_ids if person != room.host_id]
    stewards = [person for person in room.steward_ids if person not in {room.host_id, *facilitators}]
    return room.model_copy(update={"facilitator_ids": facilitators, "steward_ids": stewards})


def too_long(room: Room) -> Refusal | None:
    """Return the refusal of a room that does not fit into a message, or None."""
    if len(room.model_dump_json().encode()) <= MOST_BYTES:
        return None
    detail = f"a room may state at most {MOST_BYTES // 1024} KiB in total: shorten its texts"
    return Refusal(
        code=RefusalCode.INVALID, detail=detail, errors=(FieldError(field="data", message="too long in total"),)
    )
