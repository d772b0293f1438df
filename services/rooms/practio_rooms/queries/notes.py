"""The notes of a room: all for the people in it, and for everybody those that are not confidential."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor
from practio_contracts.answers import Refusal
from practio_contracts.fields import Instant
from practio_contracts.rooms import ListNotes, NoteResult, NotesFound, PublishedNote
from practio_rooms.domain.languages import DICTIONARIES
from practio_rooms.domain.notes import FOR_PEOPLE_IN_THE_ROOM, NoteAccess
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.queries.ordering import Order
from practio_rooms.queries.planning import PLANNED_AS_ASKED
from practio_rooms.queries.search_words import text_conditions, text_queries
from practio_rooms.queries.visible_room import visible_room
from practio_rooms.tables import IS_KEPT, IS_PUBLIC, NoteRow

MOST_PUBLISHED = 20
"""The most notes shown with a room."""

_NEWEST = Order(
    "note",
    {"recorded_at": NoteRow.recorded_at, "note_id": NoteRow.note_id},
    TypeAdapter(tuple[Literal["note"], Instant, UUID]),
)


async def list_notes(query: ReceivedMessage[ListNotes], session: AsyncSession, now: datetime) -> NotesFound | Refusal:
    """Return a page of a room's notes, newest first, to the people who are in it or were when it ended."""
    message = query.message
    place = read_cursor(message.after, _NEWEST.places)
    if isinstance(place, Refusal):
        return place
    if refusal := await _refusal(query, session):
        return refusal
    if message.text:
        await session.execute(PLANNED_AS_ASKED)
    statement = _NEWEST.after(select(NoteRow).where(*await _conditions(message, session)), place)
    rows = (await session.scalars(_NEWEST.ordered(statement).limit(message.limit + 1))).all()
    notes, after = _NEWEST.page(rows, _shown, limit=message.limit)
    return NotesFound(notes=notes, after=after)


def _shown(row: NoteRow) -> NoteResult:
    return NoteResult.model_validate(row, from_attributes=True)


async def _refusal(query: ReceivedMessage[ListNotes], session: AsyncSession) -> Refusal | None:
    found = await visible_room(session, query.message.room_id, query.actor)
    if found is None:
        return ROOM_UNKNOWN
    access = NoteAccess(found.room, query.actor, is_in_it=found.is_whole or found.was_in_it)
    return None if access.takes_part else FOR_PEOPLE_IN_THE_ROOM


async def _conditions(message: ListNotes, session: AsyncSession) -> list[ColumnElement[bool]]:
    wanted = [IS_KEPT, NoteRow.room_id == message.room_id]
    if message.kind:
        wanted.append(NoteRow.kind == message.kind)
    if message.text:
        wanted += text_conditions(
            NoteRow.text_words, NoteRow.dictionary, await text_queries(session, message.text, DICTIONARIES)
        )
    return wanted


def has_published_notes(room_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that a room has notes that are not confidential."""
    return exists().where(IS_KEPT, IS_PUBLIC, NoteRow.room_id == room_id)


async def published_notes(room_id: UUID, session: AsyncSession, *, most_bytes: int) -> Sequence[PublishedNote]:
    """Return the newest notes that are not confidential, as many as fit into ``most_bytes`` as JSON."""
    statement = _NEWEST.ordered(select(NoteRow).where(IS_KEPT, IS_PUBLIC, NoteRow.room_id == room_id))
    rows = await session.scalars(statement.limit(MOST_PUBLISHED))
    notes = (PublishedNote.model_validate(row, from_attributes=True) for row in rows)
    return list(fitting(notes, most=most_bytes, least=0))
