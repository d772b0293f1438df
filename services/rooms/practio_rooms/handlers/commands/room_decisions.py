"""The path that commands about a room share: find the room, decide, save and publish."""

from collections.abc import Callable
from typing import TypeVar

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    AcceptHandOver,
    Appoint,
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    DeclineHandOver,
    DiscardDraft,
    Dismiss,
    HandOver,
    PublicRoom,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    Room,
)
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, Decision, RoomState, holds_office
from practio_rooms.handlers.publishing import save_and_publish
from practio_rooms.store import Loaded

W = TypeVar(
    "W",
    ReviseRoom,
    PublishRoom,
    CloseRoom,
    ReopenRoom,
    CancelRoom,
    ArchiveRoom,
    DiscardDraft,
    Appoint,
    Dismiss,
    HandOver,
    AcceptHandOver,
    DeclineHandOver,
)


def handle_room_command(
    command: ReceivedMessage[W], context: MessageContext[Loaded], decide: Callable[[RoomState, W, Actor], Decision]
) -> Done | Refusal:
    """Handle a command about a room that the actor may know of; ``ROOM_UNKNOWN`` otherwise."""
    state = context.loaded.visible_state(command.message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    return apply_decision(state, decide(state, command.message, command.actor), context, by=command.actor)


def apply_decision(
    state: RoomState, decision: Decision, context: MessageContext[Loaded], *, by: Actor
) -> Done | Refusal:
    """Save and publish a decision; return the answer to the actor ``by``."""
    if isinstance(decision, Refusal):
        return decision
    if decision is None:
        return Done(_snapshot_for(state.room, by), changed=False)
    return Done(_snapshot_for(save_and_publish(state, decision, context), by))


def _snapshot_for(room: Room, by: Actor) -> Room:
    """Return the room, without place and link for an actor without office, such as one who declines to become host."""
    return room if holds_office(room, by) else PublicRoom.model_validate(room.model_dump())
