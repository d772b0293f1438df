"""Internal commands, which timers send: topping up series, and passing sessions that have begun."""

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import PassSession, TopUpSeries
from practio_rooms.domain import series
from practio_rooms.domain.agenda import AgendaChanges
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.handlers.publishing import apply_agenda_changes, set_next_session_timer
from practio_rooms.store import Loaded


async def top_up_series(command: ReceivedMessage[TopUpSeries], context: MessageContext[Loaded]) -> Done | Refusal:
    """Plan the dates of a series that have come within the horizon; a late command changes nothing."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    agenda = context.loaded.agendas.of(command.message.room_id)
    changes = series.top_up(state.room, agenda, command.message.series_id, now=context.now)
    return Done(apply_agenda_changes(state, changes, context), changed=bool(changes.sessions))


async def pass_session(command: ReceivedMessage[PassSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish which session is the next one, now that one has begun."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    room = apply_agenda_changes(state, AgendaChanges(), context)
    set_next_session_timer(room, context)
    return Done(room, changed=room != state.room)
