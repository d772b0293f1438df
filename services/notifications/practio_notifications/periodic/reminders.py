"""Reminders of sessions, one day ahead, to the people who want them."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid5

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import Periodic
from practio_chassis.service import Running
from practio_contracts.rooms import SessionScheduled
from practio_notifications.letters.compose import PlannedLetter, letter_id
from practio_notifications.letters.kinds import SESSION_REMINDER
from practio_notifications.letters.recipients import Audience, people_in_the_room
from practio_notifications.periodic.audiences import audiences, scheduled
from practio_notifications.store.pending_letters import letter_columns
from practio_notifications.store.preferences import preferences_of
from practio_notifications.store.sessions import sessions_to_remind_of
from practio_notifications.tables import LETTER, SessionRow

EVERY_SECONDS = 30.0
"""How often we look whether it is time to remind of a session."""

_MOST = 20
_SET_ASIDE_FOR = timedelta(minutes=10)
_REMINDERS = UUID("1d3c9d0a-64f1-5d64-9a86-6f9f0c2f9c11")


async def remind_once(running: Running) -> int:
    """Write the reminders that are due; return for how many sessions."""
    async with running.transaction() as context:
        due = await sessions_to_remind_of(context.session, now=context.now, limit=_MOST)
        unread: set[UUID] = set()
        by_room = await audiences(context, {row.room_id for row in due}, unread)
        reminded = await _people_with_reminders(context, by_room.values())
        coming = [row for row in due if row.starts_at > context.now and row.room_id in by_room]
        events = scheduled(coming, by_room, unread)
        for row in due:
            is_unread = row.room_id in unread or row.session_id in unread
            row.remind_at = context.now + _SET_ASIDE_FOR if is_unread else None
            if row.session_id in events:
                _write(context, row, by_room[row.room_id], events[row.session_id], reminded)
    return len(due)


def _write(
    context: MessageContext[None], row: SessionRow, audience: Audience, event: SessionScheduled, reminded: set[UUID]
) -> None:
    event_id = uuid5(_REMINDERS, f"{row.session_id}/{row.revision}")
    for person_id in people_in_the_room(audience):
        if person_id in reminded:
            identity = letter_id(event_id, person_id, SESSION_REMINDER.name)
            letter = PlannedLetter(identity, SESSION_REMINDER, person_id, context.now)
            columns = letter_columns(letter, event, event_id=event_id, correlation_id=str(event_id), now=context.now)
            context.add_row(LETTER, columns)


async def _people_with_reminders(context: MessageContext[None], by_room: Iterable[Audience]) -> set[UUID]:
    people = {person_id for audience in by_room for person_id in (*audience.room.office_ids, *audience.seated)}
    return {
        person_id
        for person_id, preferences in (await preferences_of(context.session, people)).items()
        if preferences.reminders
    }


async def _remind(running: Running) -> bool:
    return await remind_once(running) == _MOST


REMINDERS = Periodic(name="reminders", every=EVERY_SECONDS, once=_remind)
