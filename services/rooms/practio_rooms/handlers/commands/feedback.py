"""The command to give feedback: accepted once per person, stored without the person."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import FeedbackGiven, GiveFeedback
from practio_rooms.domain import feedback
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.store import Loaded


async def give_feedback(command: ReceivedMessage[GiveFeedback], context: MessageContext[Loaded]) -> Done | Refusal:
    """Accept a person's feedback on a session that has begun; no event is published about it."""
    room_id, session_id, by = command.message.room_id, command.message.session_id, command.actor
    collected = context.loaded.feedback
    if context.loaded.visible_state(room_id, by) is None:
        return ROOM_UNKNOWN
    if not isinstance(by, UUID):
        return feedback.NOT_IN_ROOM
    refusal = feedback.refusal(
        collected.sessions.get((room_id, session_id)),
        is_in_room=(room_id, by) in collected.people,
        joined_at=collected.people.get((room_id, by)),
        has_given=(room_id, session_id, by) in collected.given,
        now=context.now,
    )
    if refusal:
        return refusal
    collected.add(command.message, by)
    return Done(FeedbackGiven(room_id=room_id, session_id=session_id))
