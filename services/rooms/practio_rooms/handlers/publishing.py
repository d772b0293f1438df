"""How events are kept and said, and what a room's life means for its sessions."""

from practio_chassis.context import MessageContext
from practio_contracts.rooms import (
    DraftDiscarded,
    PassSession,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomEvent,
    RoomPublished,
    RoomStatus,
    TopUpSeries,
)
from practio_rooms.domain.agenda import Agenda, Series, Turn, announced, ended, events_of
from practio_rooms.domain.room import RoomState, evolve
from practio_rooms.domain.series import next_top_up
from practio_rooms.store import Loaded


def told(state: RoomState, event: RoomEvent, context: MessageContext[Loaded]) -> Room:
    """Keep and say an event, and what follows from it for the room's sessions; gives the room after that."""
    known = context.loaded.agendas.of(state.room.room_id)
    after = _said(state, event, context)
    context.loaded.save(after)
    match event:
        case RoomPublished():
            return kept(after, announced(known, context.now), context)
        case RoomCancelled():
            return kept(after, ended(known, event.reason, now=context.now), context)
        case RoomArchived():
            return kept(after, ended(known, None, now=context.now), context)
        case DraftDiscarded():
            _forget_timers(after.room, known, context)
    return after.room


def kept(state: RoomState, turn: Turn, context: MessageContext[Loaded]) -> Room:
    """Keep and say what became of a room's sessions, and time what comes next; gives the room after that."""
    before = state.room
    next_at = context.loaded.agendas.keep(before.room_id, turn).next_at(context.now)
    for event in events_of(before, turn, next_at):
        state = _said(state, event, context)
    if state.room != before:
        context.loaded.save(state)
    if state.room.next_session_at != before.next_session_at:
        time_next(state.room, context)
    for series in turn.series:
        _time_top_up(series, context)
    return state.room


def time_next(room: Room, context: MessageContext[Loaded]) -> None:
    """Look at the room again when its next session begins."""
    if room.next_session_at:
        command = PassSession(room_id=room.room_id)
        context.set_timer(_next_session(room), due_at=room.next_session_at, command=command)
    else:
        context.clear_timer(_next_session(room))


def _said(state: RoomState, event: RoomEvent, context: MessageContext[Loaded]) -> RoomState:
    """Say an event; what concerns a draft stays among the services."""
    room = event.room
    context.publish(event, subject=room.room_id, sequence=room.version, internal_only=room.status is RoomStatus.DRAFT)
    return evolve(state, event)


def _time_top_up(series: Series, context: MessageContext[Loaded]) -> None:
    if due_at := next_top_up(series, now=context.now):
        command = TopUpSeries(room_id=series.room_id, series_id=series.series_id)
        context.set_timer(_further_dates(series), due_at=due_at, command=command)
    else:
        context.clear_timer(_further_dates(series))


def _forget_timers(room: Room, known: Agenda, context: MessageContext[Loaded]) -> None:
    context.clear_timer(_next_session(room))
    for series in known.series.values():
        context.clear_timer(_further_dates(series))


def _next_session(room: Room) -> str:
    return f"next-session:{room.room_id}"


def _further_dates(series: Series) -> str:
    return f"top-up:{series.room_id}:{series.series_id}"
