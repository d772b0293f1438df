"""How a command about a room is decided: its room found, the rules asked, the event kept and said."""

from collections.abc import Callable
from typing import TypeVar

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
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
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, Decision, RoomState, holds_office, is_seen_by
from practio_rooms.handlers.publishing import told
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


def decided(
    command: ReceivedMessage[W], context: MessageContext[Loaded], decide: Callable[[RoomState, W, Actor], Decision]
) -> Done | Refusal:
    """Decide on a command about a room that the actor may know of, and keep and say what comes of it."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None or not is_seen_by(state.room, command.actor):
        return ROOM_UNKNOWN
    return settled(state, decide(state, command.message, command.actor), context, by=command.actor)


def settled(state: RoomState, decision: Decision, context: MessageContext[Loaded], *, by: Actor) -> Done | Refusal:
    """Keep and say a decision; give the answer to whoever wished it."""
    if isinstance(decision, Refusal):
        return decision
    if decision is None:
        return Done(_shown(state.room, by), changed=False)
    return Done(_shown(told(state, decision, context), by))


def _shown(room: Room, by: Actor) -> Room:
    """Leave out place and link for whoever holds no office, such as a person who declines to become the host."""
    return room if holds_office(room, by) else PublicRoom.model_validate(room.model_dump())
