"""Handlers of events about quiet rooms: they keep the signs, and queue the letter to the host."""

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.rooms import RoomAwake, RoomQuiet
from practio_notifications.handlers.events.session_participation import room_news
from practio_notifications.letters.quiet_rooms import WRITTEN_ONCE_IN
from practio_notifications.store.care import keep_quiet, signs_read
from practio_notifications.store.projections import Projections


async def room_quiet(event: ReceivedMessage[RoomQuiet], context: MessageContext[Projections]) -> None:
    """Keep the signs of a quiet room, and queue the letter to its host, once; none if the host has read of all signs.

    Raise ``NotKnownYetError`` if the room is not known: its host is not, either.
    """
    message, at = event.message, event.envelope.time
    room = context.loaded.room(message.room_id)
    read = await signs_read(context, room, since=context.now - WRITTEN_ONCE_IN) if room else frozenset()
    if room is None or not read.issuperset(message.signs):
        await room_news(event, context)
    await keep_quiet(context.session, message.room_id, message.signs, since=message.since, at=at, now=context.now)


async def room_awake(event: ReceivedMessage[RoomAwake], context: MessageContext[Projections]) -> None:
    """Keep that a room is quiet no longer; letters that say so do not leave any more."""
    at = event.envelope.time
    await keep_quiet(context.session, event.message.room_id, (), since=None, at=at, now=context.now)
