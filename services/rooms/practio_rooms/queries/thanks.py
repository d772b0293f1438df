"""The thanks in a room, for the people in it and its offices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.fields import Instant
from practio_contracts.rooms import ListThanks, Room, SeenBy, Thanks, ThanksFound
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.domain.thanks import FOR_PEOPLE_IN_THE_ROOM, not_allowed_to_thank
from practio_rooms.queries.ordering import Order
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.tables import PresenceRow, ThanksRow

MOST_PEOPLE = 500
"""The most people who are listed as those whom one can thank."""

_NEWEST = Order(
    "thanks",
    {"thanked_at": ThanksRow.thanked_at, "thanks_id": ThanksRow.thanks_id},
    TypeAdapter(tuple[Literal["thanks"], Instant, UUID]),
)


async def list_thanks(
    query: ReceivedMessage[ListThanks], session: AsyncSession, _now: datetime
) -> ThanksFound | Refusal:
    """Return a page of thanks, newest first: those that the room sees, and those to and by the actor."""
    asked, by = query.message, query.actor
    place = read_cursor(asked.after, _NEWEST.places)
    if isinstance(place, Refusal):
        return place
    found = await visible_room(session, asked.room_id, by)
    if found is None:
        return ROOM_UNKNOWN
    if not isinstance(by, UUID) or not (found.is_whole or found.was_in_it):
        return FOR_PEOPLE_IN_THE_ROOM
    seen = or_(ThanksRow.seen_by == SeenBy.ROOM, ThanksRow.person_id == by, ThanksRow.author_id == by)
    statement = select(ThanksRow).where(ThanksRow.room_id == asked.room_id, seen)
    newest = _NEWEST.ordered(_NEWEST.after(statement, place)).limit(asked.limit + 1)
    thanks, after = _NEWEST.page((await session.scalars(newest)).all(), _shown, limit=asked.limit)
    people = await _people(session, found.room, by, is_in_room=found.is_whole)
    return ThanksFound(thanks=thanks, people=people, after=after)


def _shown(row: ThanksRow) -> Thanks:
    names = ("room_id", "thanks_id", "person_id", "seen_by", "words", "thanked_at")
    stated = {name: getattr(row, name) for name in names}
    return Thanks.model_validate(stated | {"for": row.reason, "by": row.author_id})


async def _people(session: AsyncSession, room: Room, by: UUID, *, is_in_room: bool) -> Sequence[UUID]:
    """Return whom the actor can thank, the offices first; nobody if they can thank nobody."""
    if not_allowed_to_thank(room, by, is_in_room=is_in_room):
        return []
    there = select(PresenceRow.person_id).where(PresenceRow.room_id == room.room_id).order_by(PresenceRow.person_id)
    people = dict.fromkeys([*sorted(room.office_ids), *await session.scalars(there.limit(MOST_PEOPLE))])
    return [each for each in people if each != by][:MOST_PEOPLE]
