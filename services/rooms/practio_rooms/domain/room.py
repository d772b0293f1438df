"""What a room is between two commands, who may see and change it, and how events move it on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from practio_contracts.answers import FieldError, NextStep, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import (
    DraftDiscarded,
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    RefusalCode,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomEvent,
    RoomRevised,
    RoomStatus,
)

Actor = UUID | str | None
"""A person's id, or ``system``; nobody (None) may do nothing."""

Decision = RoomEvent | Refusal | None
"""What comes of a command: an event, a refusal, or None where nothing has to change."""

LIVE = frozenset({RoomStatus.PUBLISHED, RoomStatus.CLOSED})
FINAL = frozenset({RoomStatus.CANCELLED, RoomStatus.ARCHIVED})

ROOM_UNKNOWN = Refusal(code=RefusalCode.ROOM_UNKNOWN, detail="there is no room with this id: check the id")


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as its last event told it, and what its events do not tell.

    ``asked`` is the fingerprint of the command that created it; ``guidelines_version`` the highest ever given;
    ``proposed_host_id`` the person to whom the host hands it over, until that is answered.
    """

    room: Room
    asked: str
    guidelines_version: int = 0
    proposed_host_id: UUID | None = None
    is_discarded: bool = False


def evolve(state: RoomState, event: RoomEvent) -> RoomState:
    """Give the state after ``event``, whose snapshot is whole; the only writer of states."""
    told = event.room.guidelines.version if event.room.guidelines else 0
    return replace(
        state,
        room=event.room,
        guidelines_version=max(state.guidelines_version, told),
        proposed_host_id=_proposed_after(state, event),
        is_discarded=isinstance(event, DraftDiscarded),
    )


def _proposed_after(state: RoomState, event: RoomEvent) -> UUID | None:
    match event:
        case HandOverProposed():
            return event.person_id
        case HandOverDeclined() | HostChanged() | RoomCancelled() | RoomArchived():
            return None
        case _:
            return state.proposed_host_id


def has_say(room: Room, by: Actor) -> bool:
    """Say whether ``by`` may do everything with the room: its host, or the system."""
    return by in (room.host_id, SYSTEM)


def holds_office(room: Room, by: Actor) -> bool:
    """Say whether ``by`` is host, facilitator or steward, or the system."""
    return has_say(room, by) or by in room.facilitator_ids or by in room.steward_ids


def is_seen_by(room: Room, by: Actor) -> bool:
    """Say whether the room is there for ``by``: a draft is for its host alone."""
    return room.status is not RoomStatus.DRAFT or has_say(room, by)


def changed(room: Room, **changes: Any) -> Room:
    """Give the next version of a snapshot."""
    return room.model_copy(update={**changes, "version": room.version + 1})


def revised(before: Room, after: Room) -> RoomRevised | None:
    """Give the event that tells ``before`` from ``after``, which may be of any version; None where they are alike."""
    names = [name for name in Room.model_fields if name != "version" and getattr(before, name) != getattr(after, name)]
    if not names:
        return None
    return RoomRevised(room=after.model_copy(update={"version": before.version + 1}), changed_fields=names)


def not_allowed(detail: str) -> Refusal:
    """Refuse what ``by`` has no right to."""
    return Refusal(code=RefusalCode.NOT_ALLOWED, detail=detail, next_step=NextStep.ASK_HOST)


def not_in_this_state(room: Room, *, wished: str) -> Refusal:
    """Refuse what the room's place in its life does not allow."""
    return Refusal(code=RefusalCode.NOT_IN_THIS_STATE, detail=f"a room that is {room.status} cannot be {wished}")


def incomplete(faults: Iterable[FieldError]) -> Refusal | None:
    """Refuse a room with ``faults``, all at once; None where it has none."""
    errors = tuple(faults)
    if not errors:
        return None
    return Refusal(
        code=RefusalCode.INCOMPLETE, detail="the room is incomplete: fill in the fields under errors", errors=errors
    )
