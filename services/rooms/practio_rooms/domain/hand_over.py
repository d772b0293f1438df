"""Hand-overs: proposed and accepted, never imposed.

One proposal is open at a time, and a new one replaces it. It stands until it is answered, taken back or replaced, or
until the room ends. On acceptance, the former host leaves the office and may be appointed to another.
"""

from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    LIVE_ROOM,
    AcceptHandOver,
    DeclineHandOver,
    HandOver,
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    RefusalCode,
    Room,
)
from practio_rooms.domain.offices import office_taken, offices_without
from practio_rooms.domain.room import Actor, RoomState, changed, is_host_or_system, not_allowed, not_in_this_state

NO_HAND_OVER = Refusal(
    code=RefusalCode.NO_HAND_OVER,
    detail="there is no open proposal that this person become the host: ask the host for a new one",
)


def hand_over(state: RoomState, command: HandOver, by: Actor) -> HandOverProposed | Refusal | None:
    """Propose a host in place of anyone proposed before; the room stays with its host until the person accepts.

    A draft is not handed over: nobody but its host may know of it.
    """
    room = state.room
    if not is_host_or_system(room, by):
        return not_allowed("only the host can hand a room over: ask the host")
    if room.status not in LIVE_ROOM:
        return not_in_this_state(room, action="handed over")
    if command.person_id == room.host_id:
        return office_taken("this person is already the host of the room: choose somebody else")
    if command.person_id == state.proposed_host_id:
        return None
    return HandOverProposed(room=changed(room), person_id=command.person_id, instead_of=state.proposed_host_id)


def accept_hand_over(state: RoomState, command: AcceptHandOver, by: Actor) -> HostChanged | Refusal | None:
    """Make the actor the host; nobody accepts for another person, and neither does the system."""
    room = state.room
    if by != command.person_id:
        return not_allowed("only the person who was proposed can accept a hand-over: ask them to accept it")
    if room.status not in LIVE_ROOM:
        return not_in_this_state(room, action="handed over")
    if command.person_id == room.host_id:
        return None
    if command.person_id != state.proposed_host_id:
        return NO_HAND_OVER
    return host_changed(room, command.person_id)


def decline_hand_over(state: RoomState, command: DeclineHandOver, by: Actor) -> HandOverDeclined | Refusal:
    """Leave the room with its host, who also uses this command to take the proposal back."""
    room = state.room
    if not (by == command.person_id or is_host_or_system(room, by)):
        return not_allowed("only the person who was proposed can decline a hand-over; the host can take it back")
    if room.status not in LIVE_ROOM:
        return not_in_this_state(room, action="handed over")
    if command.person_id != state.proposed_host_id:
        return NO_HAND_OVER
    return HandOverDeclined(room=changed(room), person_id=command.person_id)


def host_changed(room: Room, person_id: UUID, *, reason: str | None = None) -> HostChanged:
    """Return the event that a person is the host from now on and holds no other office."""
    after = changed(room, host_id=person_id, **offices_without(room, person_id))
    return HostChanged(room=after, person_id=person_id, former_host_id=room.host_id, reason=reason)
