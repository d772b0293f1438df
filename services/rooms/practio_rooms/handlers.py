"""What rooms does with each message that it takes."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from practio_chassis.heard import Heard
from practio_chassis.work import Done, Work
from practio_contracts.answers import Refusal
from practio_contracts.membership import Ended, Joined, OccupancyChanged, Withdrawn
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CreateRoom,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    Room,
    RoomFact,
    RoomStatus,
)
from practio_rooms.domain import erasure, lifecycle, statements
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, Decision, RoomState, evolve, is_seen_by
from practio_rooms.store import Loaded

W = TypeVar("W", ReviseRoom, PublishRoom, CloseRoom, ReopenRoom, CancelRoom, ArchiveRoom)


async def create_room(wish: Heard[CreateRoom], work: Work[Loaded]) -> Done | Refusal:
    """Draft a room whose host is the actor."""
    if not isinstance(wish.actor, UUID):
        return statements.NO_HOST
    known = work.loaded.state_of(wish.message.room_id)
    state = known or statements.unstated(wish.message, wish.actor)
    return _settled(state, statements.create_room(state, wish.message, wish.actor), work)


async def revise_room(wish: Heard[ReviseRoom], work: Work[Loaded]) -> Done | Refusal:
    """Change what a room states."""
    return _decided(wish, work, statements.revise_room)


async def publish_room(wish: Heard[PublishRoom], work: Work[Loaded]) -> Done | Refusal:
    """Show a draft to everybody."""
    return _decided(wish, work, partial(lifecycle.publish_room, now=work.now))


async def close_room(wish: Heard[CloseRoom], work: Work[Loaded]) -> Done | Refusal:
    """Take no new requests."""
    return _decided(wish, work, lifecycle.close_room)


async def reopen_room(wish: Heard[ReopenRoom], work: Work[Loaded]) -> Done | Refusal:
    """Take requests again."""
    return _decided(wish, work, lifecycle.reopen_room)


async def cancel_room(wish: Heard[CancelRoom], work: Work[Loaded]) -> Done | Refusal:
    """End a room for good."""
    return _decided(wish, work, lifecycle.cancel_room)


async def archive_room(wish: Heard[ArchiveRoom], work: Work[Loaded]) -> Done | Refusal:
    """Finish a room."""
    return _decided(wish, work, lifecycle.archive_room)


async def occupancy_changed(fact: Heard[OccupancyChanged], work: Work[Loaded]) -> None:
    """Note how full a room is, for searches."""
    if fact.newest:
        work.loaded.tell_occupancy(fact.message)


async def membership_changed(fact: Heard[Joined] | Heard[Withdrawn] | Heard[Ended], work: Work[Loaded]) -> None:
    """Note who is in a room, for its place and link."""
    if fact.newest:
        await work.loaded.tell_presence(fact.message.membership)


async def person_erased(fact: Heard[PersonErased], work: Work[Loaded]) -> None:
    """Dismiss a person from all offices; being erased is final, so it counts however late it is heard."""
    for state in list(work.loaded.states_with(fact.message.person_id)):
        if said := erasure.forget_person(state, fact.message.person_id):
            _told(state, said, work)


def _decided(wish: Heard[W], work: Work[Loaded], decide: Callable[[RoomState, W, Actor], Decision]) -> Done | Refusal:
    state = work.loaded.state_of(wish.message.room_id)
    if state is None or not is_seen_by(state.room, wish.actor):
        return ROOM_UNKNOWN
    return _settled(state, decide(state, wish.message, wish.actor), work)


def _settled(state: RoomState, decision: Decision, work: Work[Loaded]) -> Done | Refusal:
    if isinstance(decision, Refusal):
        return decision
    if decision is None:
        return Done(state.room, changed=False)
    return Done(_told(state, decision, work))


def _told(state: RoomState, fact: RoomFact, work: Work[Loaded]) -> Room:
    """Keep and say a fact; what concerns a draft stays among the services."""
    room = fact.room
    work.loaded.save(evolve(state, fact))
    work.say(fact, subject=room.room_id, sequence=room.version, internal_only=room.status is RoomStatus.DRAFT)
    return room
