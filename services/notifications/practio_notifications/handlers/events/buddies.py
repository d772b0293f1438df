"""The handler of events about buddies: letters about an earlier pair do not leave any more."""

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.membership import BuddyAssigned
from practio_notifications.handlers.events.session_participation import room_news
from practio_notifications.store.pending_letters import end_letters_about_buddy
from practio_notifications.store.projections import Projections


async def buddy_assigned(event: ReceivedMessage[BuddyAssigned], context: MessageContext[Projections]) -> None:
    """Queue the letters to a person and their new buddy, once; those about an earlier buddy of the person end.

    Raise ``NotKnownYetError`` if the room is not known: the readers are not, either.
    """
    await room_news(event, context)
    message = event.message
    await end_letters_about_buddy(context, message.room_id, message.person_id, before=event.envelope.id)
