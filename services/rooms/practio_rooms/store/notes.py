"""The notes that a batch of messages concerns: locked, loaded and saved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.message import Message
from practio_contracts.rooms import Note, RecordNote, ReviseNote, Room, WithdrawNote
from practio_rooms.domain.languages import dictionary_of
from practio_rooms.domain.notes import NoteState
from practio_rooms.tables import IS_KEPT, IS_PUBLIC, NoteRow, PresenceRow, SessionRow

InRoom = tuple[UUID, UUID]
"""A room, and a session or person in it."""

MOST_COPIED = 200
"""The most notes that a copy of a room brings with it."""

_COPIED = "copied"
"""The fingerprint of a note that no command recorded."""

_COMMANDS = (RecordNote, ReviseNote, WithdrawNote)


@dataclass(slots=True)
class LoadedNotes:
    """The notes that a batch has loaded: by id, locked; with the people and sessions of their rooms.

    ``discarded`` are the drafts whose notes the batch deletes.
    """

    session: AsyncSession
    rows: dict[UUID, NoteRow] = field(default_factory=dict)
    people: set[InRoom] = field(default_factory=set)
    sessions: set[InRoom] = field(default_factory=set)
    discarded: set[UUID] = field(default_factory=set)

    def state_of(self, note_id: UUID) -> NoteState | None:
        """Return the note's current state, or None if it does not exist."""
        row = self.rows.get(note_id)
        if row is None:
            return None
        return NoteState(
            note=Note.model_validate(row, from_attributes=True),
            title=row.title,
            text=row.text,
            author_id=row.author_id,
            recorded_at=row.recorded_at,
            fingerprint=row.asked,
        )

    def save(self, state: NoteState, room: Room) -> None:
        """Save a note; its words are in the room's current language."""
        note_id = state.note.note_id
        if note_id not in self.rows:
            self.rows[note_id] = NoteRow(note_id=note_id)
            self.session.add(self.rows[note_id])
        row = self.rows[note_id]
        for name in Note.model_fields:
            setattr(row, name, getattr(state.note, name))
        for name in ("title", "text", "author_id", "recorded_at"):
            setattr(row, name, getattr(state, name))
        row.asked = state.fingerprint
        row.dictionary = dictionary_of(room.language)

    async def copy_published(self, room_id: UUID, to: UUID) -> int:
        """Copy a room's newest notes that are not confidential, at most ``MOST_COPIED``, with ids of their own.

        A copy has its author and its time, but no session. Return how many there are.
        """
        await self.session.flush()
        published = select(NoteRow).where(IS_KEPT, IS_PUBLIC, NoteRow.room_id == room_id)
        rows = await self.session.scalars(
            published.order_by(NoteRow.recorded_at.desc(), NoteRow.note_id.desc()).limit(MOST_COPIED)
        )
        copies = [NoteRow(**_copied(row), note_id=uuid7(), room_id=to, version=1, asked=_COPIED) for row in rows]
        self.session.add_all(copies)
        return len(copies)

    def discard(self, room_id: UUID) -> None:
        """Delete a draft's notes at the end of the batch: those that a copy brought with it."""
        self.discarded.add(room_id)

    async def delete_discarded(self) -> None:
        """Delete the notes of drafts that the batch has discarded."""
        if self.discarded:
            await self.session.flush()
            await self.session.execute(delete(NoteRow).where(one_of(NoteRow.room_id, self.discarded)))


def _copied(row: NoteRow) -> dict[str, Any]:
    kept = ("kind", "confidential", "status", "title", "text", "author_id", "recorded_at", "dictionary")
    return {name: getattr(row, name) for name in kept}


async def rooms_of_notes(session: AsyncSession, messages: Sequence[Message]) -> set[UUID]:
    """Return the rooms of notes that commands name by id only; a note never changes rooms."""
    named = {each.note_id for each in messages if isinstance(each, (ReviseNote, WithdrawNote))}
    if not named:
        return set()
    return set(await session.scalars(select(NoteRow.room_id).where(one_of(NoteRow.note_id, named))))


async def load_notes(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]]) -> LoadedNotes:
    """Lock in the order of ids, and load, the notes concerned and what commands about them need."""
    notes = LoadedNotes(session)
    commands = [received for received in batch if isinstance(received.message, _COMMANDS)]
    named = {received.message.note_id for received in commands}
    if named:
        notes.rows = await _rows(session, named)
    if commands:
        await _load_places(session, notes, commands)
    return notes


async def _rows(session: AsyncSession, named: Collection[UUID]) -> dict[UUID, NoteRow]:
    wanted = select(NoteRow).where(one_of(NoteRow.note_id, named)).order_by(NoteRow.note_id)
    rows = await session.scalars(wanted.with_for_update())
    return {row.note_id: row for row in rows}


async def _load_places(session: AsyncSession, notes: LoadedNotes, commands: Sequence[ReceivedMessage[Any]]) -> None:
    """Load which actors are in the rooms of their commands, and which of the named sessions the rooms have."""
    rooms = {
        command.message.note_id: command.message.room_id
        for command in commands
        if isinstance(command.message, RecordNote)
    }
    rooms |= {note_id: row.room_id for note_id, row in notes.rows.items()}
    located = [(rooms[command.message.note_id], command) for command in commands if command.message.note_id in rooms]
    people = {(room_id, command.actor) for room_id, command in located if isinstance(command.actor, UUID)}
    named = [(room_id, getattr(command.message, "session_id", None)) for room_id, command in located]
    notes.people = await _existing_pairs(session, (PresenceRow.room_id, PresenceRow.person_id), people)
    notes.sessions = await _existing_pairs(
        session,
        (SessionRow.room_id, SessionRow.session_id),
        {(room_id, session_id) for room_id, session_id in named if session_id},
    )


async def _existing_pairs(session: AsyncSession, columns: tuple[Any, Any], places: set[InRoom]) -> set[InRoom]:
    if not places:
        return set()
    return {(row[0], row[1]) for row in await session.execute(select(*columns).where(one_of_rows(columns, places)))}
