"""Handlers of events about sessions as people live them: answers, plans, risks, ends; and a host's words."""

from collections.abc import Sequence
from uuid import UUID

from practio_chassis.context import MessageContext, NotKnownYetError, ReceivedMessage
from practio_contracts.notifications import CALENDAR_REPLY
from practio_contracts.rooms import SessionAnswered, SessionPlanned
from practio_notifications.letters.recipients import BareEvent
from practio_notifications.store.erased_people import erased_people
from practio_notifications.store.pending_letters import queue_letters
from practio_notifications.store.projections import Projections
from practio_notifications.store.session_participation import keep_answer, keep_plan


async def session_answered(event: ReceivedMessage[SessionAnswered], context: MessageContext[Projections]) -> None:
    """Keep whether a person comes, so that nobody who said no is reminded; nothing of an erased person."""
    if await _not_erased([event.message.person_id], context):
        is_passed_on = (event.envelope.correlationid or "").startswith(CALENDAR_REPLY)
        by_person = event.by == str(event.message.person_id) and not is_passed_on
        await keep_answer(context.session, event.message, at=event.envelope.time, by_person=by_person)


async def session_planned(event: ReceivedMessage[SessionPlanned], context: MessageContext[Projections]) -> None:
    """Keep what is planned for a session, and whose turn it is, for its reminder."""
    roles = (*event.message.roles, *event.message.proposed_roles)
    named = [*event.message.case_by, *(role.person_id for role in roles)]
    people = await _not_erased(named, context)
    await keep_plan(context.session, event.message, at=event.envelope.time, people=people)


async def room_news(event: ReceivedMessage[BareEvent], context: MessageContext[Projections]) -> None:
    """Queue the letters about a session that may not run or is over, or with a host's word, once.

    Raise ``NotKnownYetError`` if the room is not known: the readers are not, either.
    """
    room = context.loaded.room(event.message.room_id)
    if room is None:
        raise NotKnownYetError("room-unknown", f"no event of the room {event.message.room_id} has arrived")
    queue_letters(context, event, event.envelope.id, room)


async def _not_erased(people: Sequence[UUID], context: MessageContext[Projections]) -> list[UUID]:
    erased = await erased_people(context.session, people)
    gone = {each for each in people if each in context.erasures}
    return [each for each in people if each not in gone and (each not in erased or each in context.erasures.restored)]
