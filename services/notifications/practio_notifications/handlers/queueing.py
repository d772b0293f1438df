"""From an event to the letters that wait for the sender."""

from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import Announced, Room
from practio_notifications.letters.compose import letters_from
from practio_notifications.store.pending_letters import queue_letter
from practio_notifications.store.projections import Projections


def queue_letters(
    context: MessageContext[Projections], event: ReceivedMessage[Any], event_id: UUID, room: Room
) -> None:
    """Queue the letters that an event asks for, unless they were written of it, or of the same command, before."""
    if event_id in context.loaded.lettered:
        return
    by = _author_of(event)
    letters = letters_from(event_id, event.message, context.loaded.audience(room), by=by)
    for letter in letters:
        correlation_id = event.envelope.correlationid or str(event.envelope.id)
        queue_letter(context, letter, event.message, event_id=event_id, correlation_id=correlation_id)
    if letters:
        context.loaded.lettered[event_id] = True


def _author_of(event: ReceivedMessage[Any]) -> str:
    """Return the actor of the command behind an event."""
    message = event.message
    if isinstance(message, MembershipEvent):
        return message.membership.by
    return message.by if isinstance(message, Announced) else event.by
