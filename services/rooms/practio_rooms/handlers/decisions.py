"""How a wish about a room is decided: its room found, the rules asked, the fact kept and said."""

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
    wish: ReceivedMessage[W], work: MessageContext[Loaded], decide: Callable[[RoomState, W, Actor], Decision]
) -> Done | Refusal:
    """Decide on a wish about a room that the actor may know of, and keep and say what comes of it."""
    state = work.loaded.state_of(wish.message.room_id)
    if state is None or not is_seen_by(state.room, wish.actor):
        return ROOM_UNKNOWN
    return settled(state, decide(state, wish.message, wish.actor), work, by=wish.actor)


def settled(state: RoomState, decision: Decision, work: MessageContext[Loaded], *, by: Actor) -> Done | Refusal:
    """Keep and say a decision; give the answer to whoever wished it."""
    if isinstance(decision, Refusal):
        return decision
    if decision is None:
        return Done(_shown(state.room, by), changed=False)
    return Done(_shown(told(state, decision, work), by))


def _shown(room: Room, by: Actor) -> Room:
    """Leave out place and link for whoever holds no office, such as a person who declines to become the host."""
    return room if holds_office(room, by) else PublicRoom.model_validate(room.model_dump())
