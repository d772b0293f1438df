"""Commands about sessions: scheduling, rescheduling, revising, cancelling."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    CancelSession,
    RescheduleSession,
    ReviseSession,
    Room,
    ScheduleSession,
)
from practio_rooms.domain import sessions
from practio_rooms.domain.agenda import AgendaChanges, RoomAgenda
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor
from practio_rooms.handlers.publishing import apply_agenda_changes
from practio_rooms.store import Loaded

W = TypeVar("W", ScheduleSession, RescheduleSession, ReviseSession, CancelSession)


async def schedule_session(
    command: ReceivedMessage[ScheduleSession], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Plan a session or a series."""
    return _handle(command, context, partial(sessions.schedule_session, now=context.now))


async def reschedule_session(
    command: ReceivedMessage[RescheduleSession], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Move a session."""
    return _handle(command, context, partial(sessions.reschedule_session, now=context.now))


async def revise_session(command: ReceivedMessage[ReviseSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change what a session states."""
    return _handle(command, context, partial(sessions.revise_session, now=context.now))


async def cancel_session(command: ReceivedMessage[CancelSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Call off a session."""
    return _handle(command, context, partial(sessions.cancel_session, now=context.now))


def _handle(
    command: ReceivedMessage[W],
    context: MessageContext[Loaded],
    decide: Callable[[Room, RoomAgenda, W, Actor], AgendaChanges | Refusal],
) -> Done | Refusal:
    """Handle a command about a session of a room that the actor may know of; the answer is the session after it."""
    message, agendas = command.message, context.loaded.agendas
    state = context.loaded.visible_state(message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    agenda = agendas.of(message.room_id)
    changes = decide(state.room, agenda, message, command.actor)
    if isinstance(changes, Refusal):
        return changes
    changed = bool(changes.sessions) or any(agenda.series.get(each.series_id) != each for each in changes.series)
    apply_agenda_changes(state, changes, context)
    return Done(agendas.of(message.room_id).sessions[message.session_id].session, changed=changed)
