"""What is wished of sessions, and what rooms wishes of itself for them when time has come."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    CancelSession,
    PassSession,
    RescheduleSession,
    Room,
    ScheduleSession,
    TopUpSeries,
)
from practio_rooms.domain import series, sessions
from practio_rooms.domain.agenda import Agenda, Turn
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, is_seen_by
from practio_rooms.handlers.publishing import kept, time_next
from practio_rooms.store import Loaded

W = TypeVar("W", ScheduleSession, RescheduleSession, CancelSession)


async def schedule_session(
    command: ReceivedMessage[ScheduleSession], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Plan a session, or a series of them."""
    return _decided(command, context, partial(sessions.schedule_session, now=context.now))


async def reschedule_session(
    command: ReceivedMessage[RescheduleSession], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Move a session."""
    return _decided(command, context, partial(sessions.reschedule_session, now=context.now))


async def cancel_session(command: ReceivedMessage[CancelSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Call a session off."""
    return _decided(command, context, partial(sessions.cancel_session, now=context.now))


async def top_up_series(command: ReceivedMessage[TopUpSeries], context: MessageContext[Loaded]) -> Done | Refusal:
    """Plan the dates of a series that have come within the horizon; a command that comes late finds nothing to do."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    known = context.loaded.agendas.of(command.message.room_id)
    turn = series.top_up(state.room, known, command.message.series_id, now=context.now)
    return Done(kept(state, turn, context), changed=bool(turn.told))


async def pass_session(command: ReceivedMessage[PassSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Tell which session is the next one, now that one has begun."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    room = kept(state, Turn(), context)
    time_next(room, context)
    return Done(room, changed=room != state.room)


def _decided(
    command: ReceivedMessage[W],
    context: MessageContext[Loaded],
    decide: Callable[[Room, Agenda, W, Actor], Turn | Refusal],
) -> Done | Refusal:
    """Decide on a command about a session of a room that the actor may know of; answers with the session as it is then."""
    message, agendas = command.message, context.loaded.agendas
    state = context.loaded.state_of(message.room_id)
    if state is None or not is_seen_by(state.room, command.actor):
        return ROOM_UNKNOWN
    turn = decide(state.room, agendas.of(message.room_id), message, command.actor)
    if isinstance(turn, Refusal):
        return turn
    kept(state, turn, context)
    return Done(agendas.of(message.room_id).sessions[message.session_id].shown, changed=bool(turn.told))
