"""Saving and publishing events, and the effect of a room's lifecycle on its sessions."""

from practio_chassis.context import MessageContext
from practio_contracts.rooms import (
    LIVE_ROOM,
    DraftDiscarded,
    HostChanged,
    OfficeChanged,
    PassSession,
    Room,
    RoomArchived,
    RoomCancelled,
    RoomEvent,
    RoomPublished,
    RoomRevised,
    RoomStatus,
    TopUpSeries,
    WatchSessions,
)
from practio_rooms.domain.agenda import (
    AgendaChanges,
    RoomAgenda,
    Series,
    announce_sessions,
    end_agenda,
    ended_answers,
    events_of,
)
from practio_rooms.domain.risk import is_due
from practio_rooms.domain.room import RoomState, evolve
from practio_rooms.domain.rotation import rotating_roles
from practio_rooms.domain.series import next_top_up
from practio_rooms.store import Loaded


def save_and_publish(state: RoomState, event: RoomEvent, context: MessageContext[Loaded]) -> Room:
    """Save and publish an event and its consequences for the room's sessions; return the room after them."""
    agenda = context.loaded.agendas.of(state.room.room_id)
    after = _publish(state, event, context)
    context.loaded.save(after)
    match event:
        case RoomPublished():
            return apply_agenda_changes(after, announce_sessions(agenda, context.now), context)
        case RoomCancelled():
            return apply_agenda_changes(after, end_agenda(agenda, event.reason, now=context.now), context)
        case RoomArchived():
            return apply_agenda_changes(after, end_agenda(agenda, None, now=context.now), context)
        case DraftDiscarded():
            _clear_timers(after.room, agenda, context)
        case RoomRevised() | OfficeChanged() | HostChanged():
            look_at_turns(after.room, context, before=state.room)
    return after.room


def apply_agenda_changes(state: RoomState, changes: AgendaChanges, context: MessageContext[Loaded]) -> Room:
    """Save and publish changes of an agenda, and set the timers; return the room after them."""
    before = state.room
    agendas = context.loaded.agendas
    next_at = agendas.apply(before.room_id, changes).next_at(context.now)
    agendas.note_times(before.room_id, changes, context.now)
    context.loaded.ended_answers.sessions.update(ended_answers(changes))
    for event in events_of(before, changes, next_at):
        state = _publish(state, event, context)
    if state.room != before:
        context.loaded.save(state)
    if state.room.next_session_at != before.next_session_at:
        set_next_session_timer(state.room, context)
    if changes.sessions:
        set_watch_timer(state.room, context)
        look_at_turns(state.room, context)
        context.loaded.care.touched.add(state.room.room_id)
    for series in changes.series:
        _set_top_up_timer(series, context)
    return state.room


def set_next_session_timer(room: Room, context: MessageContext[Loaded]) -> None:
    """Set the timer for the start of the room's next session, or clear it."""
    if room.next_session_at:
        command = PassSession(room_id=room.room_id)
        context.set_timer(_next_session_key(room), due_at=room.next_session_at, command=command)
    else:
        context.clear_timer(_next_session_key(room))


def set_watch_timer(room: Room, context: MessageContext[Loaded]) -> None:
    """Set the timer for the end of a session, or for seeing whether one can run, or clear it."""
    due_at = None if room.status is RoomStatus.DRAFT else context.loaded.agendas.next_watch(room, context.now)
    if due_at:
        context.set_timer(_watch_key(room), due_at=due_at, command=WatchSessions(room_id=room.room_id))
    else:
        context.clear_timer(_watch_key(room))


def look_at_turns(room: Room, context: MessageContext[Loaded], *, before: Room | None = None) -> None:
    """Have it seen soon whose turn it is, if a triad meets within 48 hours, or a room that was one ``before``."""
    next_at, is_triad = room.next_session_at, any(rotating_roles(each) for each in (room, before) if each)
    if room.status in LIVE_ROOM and is_triad and next_at and is_due(next_at, context.now):
        context.set_timer(_watch_key(room), due_at=context.now, command=WatchSessions(room_id=room.room_id))


def _publish(state: RoomState, event: RoomEvent, context: MessageContext[Loaded]) -> RoomState:
    """Publish an event; events about a draft are for services only."""
    room = event.room
    if isinstance(event, HostChanged):
        context.loaded.care.touched.add(room.room_id)
    context.publish(event, subject=room.room_id, sequence=room.version, internal_only=room.status is RoomStatus.DRAFT)
    return evolve(state, event)


def _set_top_up_timer(series: Series, context: MessageContext[Loaded]) -> None:
    if due_at := next_top_up(series, now=context.now):
        command = TopUpSeries(room_id=series.room_id, series_id=series.series_id)
        context.set_timer(_top_up_key(series), due_at=due_at, command=command)
    else:
        context.clear_timer(_top_up_key(series))


def _clear_timers(room: Room, agenda: RoomAgenda, context: MessageContext[Loaded]) -> None:
    context.clear_timer(_next_session_key(room))
    for series in agenda.series.values():
        context.clear_timer(_top_up_key(series))


def _watch_key(room: Room) -> str:
    return f"watch-sessions:{room.room_id}"


def _next_session_key(room: Room) -> str:
    return f"next-session:{room.room_id}"


def _top_up_key(series: Series) -> str:
    return f"top-up:{series.room_id}:{series.series_id}"
