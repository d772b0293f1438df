"""Commands about a room itself: creating, revising, publishing, closing, ending."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.erasing import erased_for
from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CopyRoom,
    CreateRoom,
    DiscardDraft,
    Kept,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
    RoomDrafted,
)
from practio_rooms.domain import copying, lifecycle, statements
from practio_rooms.domain.offices import without_offices_of
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.domain.sponsors import Sponsors
from practio_rooms.handlers.commands.room_decisions import apply_decision, handle_room_command
from practio_rooms.store import Loaded
from practio_rooms.tables import metadata


async def create_room(command: ReceivedMessage[CreateRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Draft a room whose host is the actor."""
    if not isinstance(command.actor, UUID):
        return statements.NO_HOST
    if fingerprint := context.loaded.discarded.get(command.message.room_id):
        return statements.refuse_discarded_id(fingerprint, command.message, command.actor)
    existing = context.loaded.state_of(command.message.room_id)
    if not existing and await _erased(command.message.facilitator_ids, command.message.steward_ids, context):
        return PERSON_ERASED
    state = existing or statements.empty_state(command.message, command.actor)
    decision = statements.create_room(state, command.message, command.actor, _sponsors(context))
    return apply_decision(state, decision, context, by=command.actor)


async def copy_room(command: ReceivedMessage[CopyRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Draft a room after another one; the actor is its host."""
    message, by = command.message, command.actor
    origin = context.loaded.visible_state(message.room_id, by)
    if origin is None:
        return ROOM_UNKNOWN
    if refusal := copying.not_allowed_to_copy(origin.room, by):
        return refusal
    if not isinstance(by, UUID):
        return statements.NO_HOST
    if fingerprint := context.loaded.discarded.get(message.new_room_id):
        return statements.refuse_discarded(is_repeated=fingerprint == fingerprint_of(message, str(by)))
    existing = context.loaded.state_of(message.new_room_id)
    state = existing or copying.empty_copy(message, origin.room, by)
    erased = await _erased(origin.room.facilitator_ids, origin.room.steward_ids, context)
    decision = copying.copy_room(state, message, without_offices_of(origin.room, erased), by)
    if isinstance(decision, RoomDrafted) and Kept.NOTES in message.keep:
        await context.loaded.notes.copy_published(message.room_id, to=message.new_room_id)
    return apply_decision(state, decision, context, by=by)


async def revise_room(command: ReceivedMessage[ReviseRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change what a room states."""
    return handle_room_command(command, context, partial(statements.revise_room, sponsors=_sponsors(context)))


async def _erased(
    facilitators: Iterable[UUID] | None, stewards: Iterable[UUID] | None, context: MessageContext[Loaded]
) -> set[UUID]:
    """Return who of the people in two offices is erased."""
    return await erased_for(context, chassis_tables_of(metadata), {*(facilitators or ()), *(stewards or ())})


def _sponsors(context: MessageContext[Loaded]) -> Sponsors:
    return context.loaded.sponsors.registered


async def publish_room(command: ReceivedMessage[PublishRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish a draft."""
    return handle_room_command(command, context, partial(lifecycle.publish_room, now=context.now))


async def discard_draft(command: ReceivedMessage[DiscardDraft], context: MessageContext[Loaded]) -> Done | Refusal:
    """Discard a draft."""
    return handle_room_command(command, context, lifecycle.discard_draft)


async def close_room(command: ReceivedMessage[CloseRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Close a room to new requests."""
    return handle_room_command(command, context, lifecycle.close_room)


async def reopen_room(command: ReceivedMessage[ReopenRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Reopen the room to requests."""
    return handle_room_command(command, context, lifecycle.reopen_room)


async def cancel_room(command: ReceivedMessage[CancelRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """End a room for good."""
    return handle_room_command(command, context, lifecycle.cancel_room)


async def archive_room(command: ReceivedMessage[ArchiveRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Archive a room."""
    return handle_room_command(command, context, lifecycle.archive_room)
