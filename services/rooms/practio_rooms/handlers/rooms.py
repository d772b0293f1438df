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


async def create_room(wish: ReceivedMessage[CreateRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Draft a room whose host is the actor."""
    if not isinstance(wish.actor, UUID):
        return statements.NO_HOST
    if asked := work.loaded.discarded.get(wish.message.room_id):
        return statements.create_discarded(asked, wish.message, wish.actor)
    known = work.loaded.state_of(wish.message.room_id)
    state = known or statements.unstated(wish.message, wish.actor)
    return settled(state, statements.create_room(state, wish.message, wish.actor), work, by=wish.actor)


async def revise_room(wish: ReceivedMessage[ReviseRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Change what a room states."""
    return decided(wish, work, statements.revise_room)


async def publish_room(wish: ReceivedMessage[PublishRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Show a draft to everybody."""
    return decided(wish, work, partial(lifecycle.publish_room, now=work.now))


async def discard_draft(wish: ReceivedMessage[DiscardDraft], work: MessageContext[Loaded]) -> Done | Refusal:
    """Throw a draft away."""
    return decided(wish, work, lifecycle.discard_draft)


async def close_room(wish: ReceivedMessage[CloseRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Take no new requests."""
    return decided(wish, work, lifecycle.close_room)


async def reopen_room(wish: ReceivedMessage[ReopenRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Take requests again."""
    return decided(wish, work, lifecycle.reopen_room)


async def cancel_room(wish: ReceivedMessage[CancelRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """End a room for good."""
    return decided(wish, work, lifecycle.cancel_room)


async def archive_room(wish: ReceivedMessage[ArchiveRoom], work: MessageContext[Loaded]) -> Done | Refusal:
    """Finish a room."""
    return decided(wish, work, lifecycle.archive_room)
