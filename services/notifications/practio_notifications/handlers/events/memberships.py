"""Handlers of events about memberships and how full rooms are."""

from practio_chassis.context import MessageContext, NotKnownYetError, ReceivedMessage
from practio_contracts.membership import MembershipEvent, OccupancyChanged, Status
from practio_notifications.letters.compose import causes_letters
from practio_notifications.store.pending_letters import queue_letters
from practio_notifications.store.projections import Projections
from practio_notifications.store.session_participation import end_answers_of

_LEFT = frozenset({Status.WITHDRAWN, Status.REMOVED})
"""How people leave a room that goes on; if it ends, nobody is asked or reminded any more."""

_ACCEPTED = (Status.JOINED, Status.WAITLISTED)
"""What an invitation becomes once the person accepts it."""


async def occupancy_changed(event: ReceivedMessage[OccupancyChanged], context: MessageContext[Projections]) -> None:
    """Keep how full a room is."""
    if event.newest:
        context.loaded.occupancies.record(event.message)


async def membership_changed(event: ReceivedMessage[MembershipEvent], context: MessageContext[Projections]) -> None:
    """Store a membership's state, and queue the letters that the event causes, once.

    Leaving ends what the person answered to the sessions to come, as it does in rooms.

    Raise ``NotKnownYetError`` if letters are due and the room is not known: their readers and texts are not, either.
    """
    membership = event.message.membership
    context.loaded.memberships.record(event)
    if membership.status in _LEFT:
        await end_answers_of(context.session, membership.person_id, membership.room_id, at=membership.since)
    contact = context.loaded.contacts.get(membership.person_id)
    if contact is not None:
        contact.asked_at = None
        contact.introduced = contact.introduced and membership.status not in _ACCEPTED
    if membership.person_id in context.erasures or not causes_letters(event.message):
        return
    room = context.loaded.room(membership.room_id)
    if room is None:
        raise NotKnownYetError("room-unknown", f"no event of the room {membership.room_id} has arrived")
    queue_letters(context, event, event.envelope.id, room)
