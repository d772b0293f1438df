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


async def schedule_session(wish: ReceivedMessage[ScheduleSession], work: MessageContext[Loaded]) -> Done | Refusal:
    """Plan a session, or a series of them."""
    return _decided(wish, work, partial(sessions.schedule_session, now=work.now))


async def reschedule_session(wish: ReceivedMessage[RescheduleSession], work: MessageContext[Loaded]) -> Done | Refusal:
    """Move a session."""
    return _decided(wish, work, partial(sessions.reschedule_session, now=work.now))


async def cancel_session(wish: ReceivedMessage[CancelSession], work: MessageContext[Loaded]) -> Done | Refusal:
    """Call a session off."""
    return _decided(wish, work, partial(sessions.cancel_session, now=work.now))


async def top_up_series(wish: ReceivedMessage[TopUpSeries], work: MessageContext[Loaded]) -> Done | Refusal:
    """Plan the dates of a series that have come within the horizon; a wish that comes late finds nothing to do."""
    state = work.loaded.state_of(wish.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    known = work.loaded.agendas.of(wish.message.room_id)
    turn = series.top_up(state.room, known, wish.message.series_id, now=work.now)
    return Done(kept(state, turn, work), changed=bool(turn.told))


async def pass_session(wish: ReceivedMessage[PassSession], work: MessageContext[Loaded]) -> Done | Refusal:
    """Tell which session is the next one, now that one has begun."""
    state = work.loaded.state_of(wish.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    room = kept(state, Turn(), work)
    time_next(room, work)
    return Done(room, changed=room != state.room)


def _decided(
    wish: ReceivedMessage[W], work: MessageContext[Loaded], decide: Callable[[Room, Agenda, W, Actor], Turn | Refusal]
) -> Done | Refusal:
    """Decide on a wish about a session of a room that the actor may know of; answers with the session as it is then."""
    message, agendas = wish.message, work.loaded.agendas
    state = work.loaded.state_of(message.room_id)
    if state is None or not is_seen_by(state.room, wish.actor):
        return ROOM_UNKNOWN
    turn = decide(state.room, agendas.of(message.room_id), message, wish.actor)
    if isinstance(turn, Refusal):
        return turn
    kept(state, turn, work)
    return Done(agendas.of(message.room_id).sessions[message.session_id].shown, changed=bool(turn.told))
