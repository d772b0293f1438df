"""Announcements of dates that series were given later, three weeks ahead, to people who do not have them yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID, uuid5

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import Periodic
from practio_chassis.service import Running
from practio_contracts.rooms import ENDED_ROOM, SessionScheduled
from practio_notifications.letters.compose import PlannedLetter, letter_id
from practio_notifications.letters.kinds import SESSION_SCHEDULED
from practio_notifications.letters.recipients import Audience, people_in_the_room
from practio_notifications.periodic.audiences import audiences, scheduled
from practio_notifications.store.calendar_entries import first_letters
from practio_notifications.store.pending_letters import GATHERS, letter_columns
from practio_notifications.store.sessions import sessions_to_announce
from practio_notifications.tables import LETTER, SessionRow

EVERY_SECONDS = 30.0
"""How often we look whether it is time to announce a date."""

_MOST_ROOMS = 20
_SET_ASIDE_FOR = timedelta(minutes=10)
_ANNOUNCEMENTS = UUID("8c0e2f6b-5f57-5c0a-9b8e-0d6c5a1f7e43")

Entered = Mapping[tuple[UUID, UUID], UUID | None]


async def announce_once(running: Running) -> int:
    """Write the announcements that are due, one a room and person; return for how many dates."""
    async with running.transaction() as context:
        due = await sessions_to_announce(context.session, now=context.now, limit=_MOST_ROOMS)
        unread: set[UUID] = set()
        by_room = await audiences(context, {row.room_id for row in due}, unread)
        people = {person_id for audience in by_room.values() for person_id in people_in_the_room(audience)}
        entered = await first_letters(context.session, people, {row.session_id for row in due})
        events = scheduled([row for row in due if _is_to_come(row, by_room, context.now)], by_room, unread)
        for row in due:
            is_unread = row.room_id in unread or row.session_id in unread
            row.announce_at = context.now + _SET_ASIDE_FOR if is_unread else None
        read = sorted((row for row in due if row.session_id in events), key=lambda row: row.room_id)
        for room_id, rows in groupby(read, key=lambda row: row.room_id):
            _write(context, list(rows), by_room[room_id], events, entered)
    return len(due)


def _is_to_come(row: SessionRow, by_room: Mapping[UUID, Audience], now: datetime) -> bool:
    """Return whether a date is yet to begin, in a known room that is not over."""
    return row.starts_at > now and row.room_id in by_room and by_room[row.room_id].room.status not in ENDED_ROOM


def _write(
    context: MessageContext[None],
    rows: Sequence[SessionRow],
    audience: Audience,
    events: Mapping[UUID, SessionScheduled],
    entered: Entered,
) -> None:
    """Write to everybody without an entry for one of these dates; the letter lists all those when it leaves."""
    first = rows[0]
    event = events[first.session_id]
    event_id = uuid5(_ANNOUNCEMENTS, f"{first.session_id}/{first.revision}")
    for person_id in people_in_the_room(audience):
        if any((person_id, row.session_id) not in entered for row in rows):
            identity = letter_id(event_id, person_id, SESSION_SCHEDULED.name)
            letter = PlannedLetter(identity, SESSION_SCHEDULED, person_id, context.now + GATHERS)
            columns = letter_columns(letter, event, event_id=event_id, correlation_id=str(event_id), now=context.now)
            context.add_row(LETTER, columns)


async def _announce(running: Running) -> bool:
    return await announce_once(running) >= _MOST_ROOMS


ANNOUNCEMENTS = Periodic(name="announcements", every=EVERY_SECONDS, once=_announce)
