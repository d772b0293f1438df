"""Handlers of events about rooms and their sessions: they keep the newest state, and queue letters."""

from datetime import datetime
from uuid import UUID

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.rooms import (
    DraftDiscarded,
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomEvent,
    RoomReplayed,
    SessionCancelled,
    SessionEvent,
    SessionReplayed,
    SessionRescheduled,
)
from practio_notifications.letters.added_dates import is_added
from practio_notifications.store.care import end_quiet, keep_quiet
from practio_notifications.store.pending_letters import queue_letters
from practio_notifications.store.projections import Projections, cause_id_of, find_or_add
from practio_notifications.store.rooms import delete_room
from practio_notifications.store.session_participation import end_answers_to, move_plan
from practio_notifications.store.sessions import forget_sessions, keep_session
from practio_notifications.tables import RoomRow

_NOT_OPEN = RoomClosed | RoomCancelled | RoomArchived
_HAND_OVER = HandOverProposed | HandOverDeclined | HostChanged | RoomCancelled | RoomArchived


async def room_changed(event: ReceivedMessage[RoomEvent], context: MessageContext[Projections]) -> None:
    """Store a room's newest snapshot, its sessions and its proposed host, and queue the letters, once."""
    room = event.message.room
    if isinstance(event.message, DraftDiscarded):
        await _forget_draft(context, room.room_id)
        return
    if event.newest:
        row = find_or_add(context.session, context.loaded.rooms, RoomRow, room_id=room.room_id)
        row.snapshot, row.proposed_in = room.model_dump(mode="json"), row.proposed_in or 0
    _keep_hand_over(event.message, context.loaded.rooms.get(room.room_id))
    await _keep_quiet_or_replayed(event, context)
    if isinstance(event.message, SessionReplayed):
        known = context.loaded.sessions.get(event.message.session.session_id)
        was_added = known is not None and known.was_added
        keep_session(context, event.message, cause_id=event.envelope.id, was_added=was_added)
        return
    event_id = cause_id_of(event)
    if isinstance(event.message, SessionRescheduled | SessionCancelled):
        await end_answers_to(context.session, event.message.session.session_id, at=event.envelope.time)
    if isinstance(event.message, SessionEvent):
        if context.loaded.lettered.get(event_id) is False:
            event_id = event.envelope.id
        was_added = is_added(event.message, event.by)
        is_newest = keep_session(context, event.message, cause_id=event_id, was_added=was_added)
        if is_newest and isinstance(event.message, SessionRescheduled):
            about = event.message.session
            await move_plan(context.session, about.session_id, ends_at=about.ends_at)
        if not is_newest or was_added:
            return
    queue_letters(context, event, event_id, context.loaded.room(room.room_id) or room)


async def _keep_quiet_or_replayed(event: ReceivedMessage[RoomEvent], context: MessageContext[Projections]) -> None:
    """Forget the signs of a room that is open no longer, and accept a replay that is not older than what is known."""
    if isinstance(event.message, _NOT_OPEN):
        await end_quiet(context.session, event.message.room.room_id, at=event.envelope.time)
    if isinstance(event.message, RoomReplayed) and event.newest:
        await _replayed(event.message, context, at=event.envelope.time)


async def _forget_draft(context: MessageContext[Projections], room_id: UUID) -> None:
    """Delete a draft that was discarded; a letter about it is not sent any more."""
    if (row := context.loaded.rooms.pop(room_id, None)) is not None:
        await delete_room(context.session, row)


async def _replayed(event: RoomReplayed, context: MessageContext[Projections], *, at: datetime) -> None:
    """Accept what rooms replays about the proposed host, the sessions and signs, whatever was received before."""
    row = context.loaded.rooms[event.room.room_id]
    row.proposed_host_id, row.proposed_in = event.proposed_host_id, event.room.version
    await forget_sessions(context, event.room.room_id, but=event.sessions)
    if event.signs is not None:
        await keep_quiet(
            context.session, event.room.room_id, event.signs, since=event.quiet_since, at=at, now=context.now
        )


def _keep_hand_over(event: RoomEvent, row: RoomRow | None) -> None:
    """Store the proposed host by the newest event about it, in whichever order events arrive."""
    if row is None or not isinstance(event, _HAND_OVER) or event.room.version <= row.proposed_in:
        return
    row.proposed_in = event.room.version
    row.proposed_host_id = event.person_id if isinstance(event, HandOverProposed) else None
