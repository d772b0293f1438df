"""One room in memory: every command about it, decided by the domain alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.unit.rooms.builders import NOW, a_creation

from practio_contracts.answers import Refusal
from practio_contracts.message import Command
from practio_contracts.rooms import (
    AcceptHandOver,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CreateRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    HandOver,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    Room,
    RoomEvent,
)
from practio_rooms.domain import erasure, hand_over, lifecycle, offices, statements
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, Decision, RoomState, evolve, is_visible_to

DECIDE: Mapping[type[Command], Callable[..., Decision]] = {
    ReviseRoom: statements.revise_room,
    PublishRoom: partial(lifecycle.publish_room, now=NOW),
    CloseRoom: lifecycle.close_room,
    ReopenRoom: lifecycle.reopen_room,
    CancelRoom: lifecycle.cancel_room,
    ArchiveRoom: lifecycle.archive_room,
    DiscardDraft: lifecycle.discard_draft,
    Appoint: offices.appoint,
    Dismiss: offices.dismiss,
    HandOver: hand_over.hand_over,
    AcceptHandOver: hand_over.accept_hand_over,
    DeclineHandOver: hand_over.decline_hand_over,
}


@dataclass
class RoomHistory:
    """A room's state and its events; ``state`` is as the last event left it, even for a discarded draft."""

    state: RoomState
    events: list[RoomEvent] = field(default_factory=list)

    @classmethod
    def drafted(cls, host: Any, **fields: Any) -> "RoomHistory":
        """Return a room that was just created."""
        command: CreateRoom = a_creation(**fields)
        state = statements.empty_state(command, host)
        history = cls(state)
        history.apply(statements.create_room(state, command, host))
        return history

    @property
    def room(self) -> Room:
        """Return the snapshot as it is."""
        return self.state.room

    def send(self, kind: type[Command], by: Actor, **fields: Any) -> Decision:
        """Decide on a command about the room, and apply the event."""
        if self.state.is_discarded or not is_visible_to(self.room, by):
            return ROOM_UNKNOWN
        command = kind.model_validate({"room_id": self.room.room_id, **fields})
        return self.apply(DECIDE[kind](self.state, command, by))

    def erase(self, person_id: Any) -> list[RoomEvent]:
        """Erase a person; return the events."""
        in_it = (self.room.host_id, *self.room.facilitator_ids, *self.room.steward_ids, self.state.proposed_host_id)
        if self.state.is_discarded or person_id not in in_it:
            return []
        events = erasure.erase_person(self.state, person_id)
        for event in events:
            self.apply(event)
        return events

    def apply(self, decision: Decision) -> Decision:
        """Apply a decision, and return it."""
        if decision and not isinstance(decision, Refusal):
            self.state = evolve(self.state, decision)
            self.events.append(decision)
        return decision


def outcome_of(decision: Decision) -> str:
    """Return a decision in a word: the event's name, the refusal's code, or = if nothing changes."""
    if decision is None:
        return "="
    return str(decision.code) if isinstance(decision, Refusal) else decision.routing_key.split(".")[1]
