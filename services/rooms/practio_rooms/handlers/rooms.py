"""What is wished of a room itself: stating, publishing, closing, ending."""

from functools import partial
from uuid import UUID

from practio_chassis.context import Done, MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    CreateRoom,
    DiscardDraft,
    PublishRoom,
    ReopenRoom,
    ReviseRoom,
)
from practio_rooms.domain import lifecycle, statements
from practio_rooms.handlers.decisions import decided, settled
from practio_rooms.store import Loaded


async def create_room(command: ReceivedMessage[CreateRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Draft a room whose host is the actor."""
    if not isinstance(command.actor, UUID):
        return statements.NO_HOST
    if asked := context.loaded.discarded.get(command.message.room_id):
        return statements.create_discarded(asked, command.message, command.actor)
    known = context.loaded.state_of(command.message.room_id)
    state = known or statements.unstated(command.message, command.actor)
    return settled(state, statements.create_room(state, command.message, command.actor), context, by=command.actor)


async def revise_room(command: ReceivedMessage[ReviseRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Change what a room states."""
    return decided(command, context, statements.revise_room)


async def publish_room(command: ReceivedMessage[PublishRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Show a draft to everybody."""
    return decided(command, context, partial(lifecycle.publish_room, now=context.now))


async def discard_draft(command: ReceivedMessage[DiscardDraft], context: MessageContext[Loaded]) -> Done | Refusal:
    """Throw a draft away."""
    return decided(command, context, lifecycle.discard_draft)


async def close_room(command: ReceivedMessage[CloseRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Take no new requests."""
    return decided(command, context, lifecycle.close_room)


async def reopen_room(command: ReceivedMessage[ReopenRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Take requests again."""
    return decided(command, context, lifecycle.reopen_room)


async def cancel_room(command: ReceivedMessage[CancelRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """End a room for good."""
    return decided(command, context, lifecycle.cancel_room)


async def archive_room(command: ReceivedMessage[ArchiveRoom], context: MessageContext[Loaded]) -> Done | Refusal:
    """Finish a room."""
    return decided(command, context, lifecycle.archive_room)
