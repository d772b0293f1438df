"""Queries: letters that were written, preferences and links of people, and the names of people in a room."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import read_cursor, write_cursor
from practio_contracts.answers import Refusal
from practio_contracts.fields import Instant
from practio_contracts.notifications import (
    GetPreferences,
    Letters,
    ListLetters,
    Named,
    NamePeople,
    Names,
    Preferences,
    PreferencesFound,
    RefusalCode,
)
from practio_contracts.rooms import Room
from practio_notifications.letters.visible_names import is_known_to, named_to
from practio_notifications.store import letters
from practio_notifications.store.introductions import introduction_of
from practio_notifications.store.names import members_among, names_of
from practio_notifications.store.preferences import preferences_of
from practio_notifications.tables import ContactRow, RoomRow

_NOT_THEIRS = Refusal(code=RefusalCode.NOT_ALLOWED, detail="people can see only their own letters")
_NOT_THEIR_PREFERENCES = Refusal(code=RefusalCode.NOT_ALLOWED, detail="people can see only their own preferences")
_NO_ROOM = Refusal(code=RefusalCode.ROOM_UNKNOWN, detail="there is no room with this id: check the id")
_NOT_IN_IT = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="only the people in a room and those who run it can see names"
)
_PLACES = TypeAdapter(tuple[Instant, UUID])
"""Instant and id of a page's last letter."""


async def list_letters(query: ReceivedMessage[ListLetters], session: AsyncSession, _now: datetime) -> Letters | Refusal:
    """Show letters newest first: to people their own, to the system all."""
    asked = query.message
    after = read_cursor(asked.after, _PLACES)
    if isinstance(after, Refusal):
        return after
    person_id = asked.person_id
    if not query.as_system:
        if person_id not in (None, query.actor):
            return _NOT_THEIRS
        person_id = UUID(query.by)
    rows = await letters.page(
        session, person_id=person_id, room_id=asked.room_id, status=asked.status, limit=asked.limit, after=after
    )
    shown = rows[: asked.limit]
    more = len(rows) > len(shown)
    return Letters(
        letters=[letters.letter_of(row) for row in shown],
        after=write_cursor(shown[-1].created_at, shown[-1].letter_id) if more else None,
    )


async def get_preferences(
    query: ReceivedMessage[GetPreferences], session: AsyncSession, _now: datetime
) -> PreferencesFound | Refusal:
    """Return a person's preferences, the version of their links, and whether they may introduce themselves.

    The person and the system may read them. If this release cannot read their preferences, the defaults are returned:
    their links must not fail with these.
    """
    person_id = query.message.person_id
    if not query.as_system and query.actor != person_id:
        return _NOT_THEIR_PREFERENCES
    preferences = (await preferences_of(session, [person_id])).get(person_id) or Preferences(person_id=person_id)
    contact = await session.get(ContactRow, person_id)
    return PreferencesFound(
        **dict(preferences),
        link_version=contact.link_version if contact else 0,
        calendar_version=contact.calendar_version if contact else 0,
        introduction=await introduction_of(session, contact),
    )


async def name_people(query: ReceivedMessage[NamePeople], session: AsyncSession, _now: datetime) -> Names | Refusal:
    """Return names of people in a room.

    Offices and the system get all names, but the offices not those of people who were merely invited. Others in the
    room get the names of the offices, and people with seats those of one another.
    """
    asked = query.message
    row = await session.get(RoomRow, asked.room_id)
    room = Room.model_validate(row.snapshot) if row else None
    asked_by = None if query.as_system else UUID(query.by)
    if row is None or room is None or not is_known_to(room, asked_by):
        return _NO_ROOM
    wanted = set(asked.person_ids)
    if not query.as_system:
        asker = UUID(query.by)
        around = await members_among(session, room.room_id, {asker, *wanted})
        inside = {person_id for person_id, member in around.items() if member.has_seat}
        unnamed = {person_id for person_id, member in around.items() if not member.is_named} - {asker}
        proposed = {row.proposed_host_id} if row.proposed_host_id else set()
        seen = named_to(asker, room, (around.keys() | proposed) - unnamed, inside)
        if seen is None:
            return _NOT_IN_IT
        wanted &= seen
    names = await names_of(session, wanted)
    named = (each for each in dict.fromkeys(asked.person_ids) if each in names)
    return Names(people=[Named(person_id=each, display_name=names[each]) for each in named])
