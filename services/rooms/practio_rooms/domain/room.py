"""A room's state, who may see and change it, and how events change it."""

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
"""A person's id or ``system``; None: an unknown actor, who may do nothing."""

Decision = RoomEvent | Refusal | None
"""The result of a command: an event, a refusal, or None if nothing changes."""


ROOM_UNKNOWN = Refusal(code=RefusalCode.ROOM_UNKNOWN, detail="there is no room with this id: check the id")


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as its last event states it, and what its events omit.

    ``fingerprint`` is that of the command that created it; ``guidelines_version`` the highest ever given;
    ``proposed_host_id`` the person to whom the host hands it over, until the proposal is answered.
    """

    room: Room
    fingerprint: str
    guidelines_version: int = 0
    proposed_host_id: UUID | None = None
    is_discarded: bool = False


def evolve(state: RoomState, event: RoomEvent) -> RoomState:
    """Return the state after ``event``, whose snapshot is complete; the only writer of state."""
    stated_version = event.room.guidelines.version if event.room.guidelines else 0
    return replace(
        state,
        room=event.room,
        guidelines_version=max(state.guidelines_version, stated_version),
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


def is_host_or_system(room: Room, by: Actor) -> bool:
    """Return whether ``by`` is the room's host or the system, who may do everything with it."""
    return by in (room.host_id, SYSTEM)


def leads(room: Room, by: Actor) -> bool:
    """Return whether ``by`` is host, facilitator or the system: they plan sessions, and write to everybody."""
    return by == SYSTEM or by in room.leading_ids


def holds_office(room: Room, by: Actor) -> bool:
    """Return whether ``by`` is host, facilitator, steward or the system."""
    return by == SYSTEM or by in room.office_ids


def is_visible_to(room: Room, by: Actor) -> bool:
    """Return whether ``by`` may know of the room: only the host and the system see a draft."""
    return room.status is not RoomStatus.DRAFT or is_host_or_system(room, by)


def changed(room: Room, **changes: Any) -> Room:
    """Return the next version of a snapshot."""
    return room.model_copy(update={**changes, "version": room.version + 1})


def revised(before: Room, after: Room) -> RoomRevised | None:
    """Return the event for the change from ``before`` to ``after`` (of any version); None if they are equal."""
    names = [name for name in Room.model_fields if name != "version" and getattr(before, name) != getattr(after, name)]
    if not names:
        return None
    return RoomRevised(room=after.model_copy(update={"version": before.version + 1}), changed_fields=names)


def not_allowed(detail: str) -> Refusal:
    """Return the refusal for an actor without the right."""
    return Refusal(code=RefusalCode.NOT_ALLOWED, detail=detail, next_step=NextStep.ASK_HOST)


def not_in_this_state(room: Room, *, action: str) -> Refusal:
    """Return the refusal for a command that the room's status does not allow."""
    return Refusal(code=RefusalCode.NOT_IN_THIS_STATE, detail=f"a room that is {room.status} cannot be {action}")


def incomplete(faults: Iterable[FieldError]) -> Refusal | None:
    """Return the refusal that lists all ``faults``, or None without faults."""
    errors = tuple(faults)
    if not errors:
        return None
    return Refusal(
        code=RefusalCode.INCOMPLETE, detail="the room is incomplete: fill in the fields under errors", errors=errors
    )
