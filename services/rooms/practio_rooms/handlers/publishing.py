"""How facts are kept and said, and what a room's life means for its sessions."""

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
from practio_rooms.domain.agenda import Agenda, Series, Turn, announced, ended, facts_of
from practio_rooms.domain.room import RoomState, evolve
from practio_rooms.domain.series import next_top_up
from practio_rooms.store import Loaded


def told(state: RoomState, fact: RoomEvent, work: MessageContext[Loaded]) -> Room:
    """Keep and say a fact, and what follows from it for the room's sessions; gives the room after that."""
    known = work.loaded.agendas.of(state.room.room_id)
    after = _said(state, fact, work)
    work.loaded.save(after)
    match fact:
        case RoomPublished():
            return kept(after, announced(known, work.now), work)
        case RoomCancelled():
            return kept(after, ended(known, fact.reason, now=work.now), work)
        case RoomArchived():
            return kept(after, ended(known, None, now=work.now), work)
        case DraftDiscarded():
            _forget_timers(after.room, known, work)
    return after.room


def kept(state: RoomState, turn: Turn, work: MessageContext[Loaded]) -> Room:
    """Keep and say what became of a room's sessions, and time what comes next; gives the room after that."""
    before = state.room
    next_at = work.loaded.agendas.keep(before.room_id, turn).next_at(work.now)
    for fact in facts_of(before, turn, next_at):
        state = _said(state, fact, work)
    if state.room != before:
        work.loaded.save(state)
    if state.room.next_session_at != before.next_session_at:
        time_next(state.room, work)
    for series in turn.series:
        _time_top_up(series, work)
    return state.room


def time_next(room: Room, work: MessageContext[Loaded]) -> None:
    """Look at the room again when its next session begins."""
    if room.next_session_at:
        command = PassSession(room_id=room.room_id)
        work.set_timer(_next_session(room), due_at=room.next_session_at, command=command)
    else:
        work.clear_timer(_next_session(room))


def _said(state: RoomState, fact: RoomEvent, work: MessageContext[Loaded]) -> RoomState:
    """Say a fact; what concerns a draft stays among the services."""
    room = fact.room
    work.publish(fact, subject=room.room_id, sequence=room.version, internal_only=room.status is RoomStatus.DRAFT)
    return evolve(state, fact)


def _time_top_up(series: Series, work: MessageContext[Loaded]) -> None:
    if due_at := next_top_up(series, now=work.now):
        command = TopUpSeries(room_id=series.room_id, series_id=series.series_id)
        work.set_timer(_further_dates(series), due_at=due_at, command=command)
    else:
        work.clear_timer(_further_dates(series))


def _forget_timers(room: Room, known: Agenda, work: MessageContext[Loaded]) -> None:
    work.clear_timer(_next_session(room))
    for series in known.series.values():
        work.clear_timer(_further_dates(series))


def _next_session(room: Room) -> str:
    return f"next-session:{room.room_id}"


def _further_dates(series: Series) -> str:
    return f"top-up:{series.room_id}:{series.series_id}"
