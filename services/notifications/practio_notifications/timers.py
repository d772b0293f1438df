"""Reminders of sessions, one day ahead, to the people who want them."""

import asyncio
from collections.abc import Iterable
from uuid import UUID, uuid5

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import MessageContext
from practio_chassis.service import Running
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.rooms import Room, SessionScheduled
from practio_notifications.letters.compose import Letter, letter_id
from practio_notifications.letters.kinds import SESSION_REMINDER
from practio_notifications.letters.recipients import Audience, offices, people_in_the_room
from practio_notifications.store.pending_letters import row_of
from practio_notifications.store.preferences import preferences_of
from practio_notifications.store.projections import rows_of
from practio_notifications.store.seats import seats_of
from practio_notifications.store.sessions import sessions_to_remind_of
from practio_notifications.tables import RoomRow, SessionRow

EVERY_SECONDS = 30.0
"""How often we look whether it is time to remind of a session."""

_MOST = 20
_REMINDERS = UUID("1d3c9d0a-64f1-5d64-9a86-6f9f0c2f9c11")
_log = logger(__name__)


async def remind(running: Running) -> None:
    """Remind of sessions until cancelled; a database that is away is asked again later."""
    while True:
        try:
            while await remind_once(running) == _MOST:
                pass
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("sessions are not reminded of yet", **failure(error))
        await asyncio.sleep(EVERY_SECONDS)


async def remind_once(running: Running) -> int:
    """Write the reminders that are due; return for how many sessions."""
    async with running.transaction() as context:
        due = await sessions_to_remind_of(context.session, now=context.now, limit=_MOST)
        room_ids = {row.room_id for row in due}
        rooms = await rows_of(context.session, RoomRow.room_id, room_ids)
        circles = await _audiences(context.session, rooms.values())
        wishing = await _people_with_reminders(context.session, circles.values())
        for row in due:
            row.remind_at = None
            if row.starts_at > context.now and row.room_id in circles:
                _write(context, row, circles[row.room_id], wishing)
    return len(due)


async def _audiences(session: AsyncSession, rows: Iterable[RoomRow]) -> dict[UUID, Audience]:
    rooms = [Room.model_validate(row.snapshot) for row in rows]
    seats = await seats_of(session, (room.room_id for room in rooms))
    return {
        room.room_id: Audience(room, frozenset(seat.person_id for seat in seats if seat.room_id == room.room_id))
        for room in rooms
    }


def _write(context: MessageContext[None], row: SessionRow, circle: Audience, wishing: set[UUID]) -> None:
    event = SessionScheduled.model_validate({"room": circle.room, "session": row.snapshot})
    event_id = uuid5(_REMINDERS, f"{row.session_id}/{row.revision}")
    for person_id in people_in_the_room(circle, event):
        if person_id in wishing:
            identity = letter_id(event_id, person_id, SESSION_REMINDER.name)
            letter = Letter(identity, SESSION_REMINDER, person_id, context.now)
            context.session.add(row_of(letter, event, event_id=event_id, correlation_id=str(event_id), now=context.now))


async def _people_with_reminders(session: AsyncSession, circles: Iterable[Audience]) -> set[UUID]:
    people = {person_id for circle in circles for person_id in (*offices(circle.room), *circle.seated)}
    return {
        person_id for person_id, preferences in (await preferences_of(session, people)).items() if preferences.reminders
    }
