"""Practice notes: the room's shared memory."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from practio_contracts.fields import Bool, Cursor, Flag, Id, Instant, Int, LongText, Page, ShortText
from practio_contracts.message import Command, Part, Query

NoteText = Annotated[LongText, StringConstraints(min_length=1)]


class NoteKind(StrEnum):
    """The kind of a note."""

    CASE = "case"
    TOOL = "tool"
    LEARNING = "learning"
    CRITERION = "criterion"
    TERM = "term"


class NoteStatus(StrEnum):
    """Whether a note is there to be read."""

    KEPT = "kept"
    WITHDRAWN = "withdrawn"


class RecordNote(Command, key="rooms.record-note.v1"):
    """Record a note for the people in the room; they choose its id. It is confidential by default."""

    room_id: Id
    note_id: Id
    session_id: Id | None = None
    kind: NoteKind
    title: ShortText
    text: NoteText
    confidential: Flag = True


class ReviseNote(Command, key="rooms.revise-note.v1"):
    """Change a note: the fields given. ``confidential`` false shows it with the room, to everybody."""

    note_id: Id
    room_id: Id | None = None
    session_id: Id | None = None
    kind: NoteKind | None = None
    title: ShortText | None = None
    text: NoteText | None = None
    confidential: Bool | None = None
    expected_version: Int | None = None


class WithdrawNote(Command, key="rooms.withdraw-note.v1"):
    """Take a note back; its words are deleted."""

    note_id: Id
    room_id: Id | None = None
    reason: LongText | None = None


class ListNotes(Query, key="rooms.list-notes.v1"):
    """Show the notes of a room to the people in it, newest first; result: ``NotesFound``."""

    room_id: Id
    kind: NoteKind | None = None
    text: Annotated[LongText, StringConstraints(max_length=200)] | None = None
    limit: Page = 20
    after: Cursor | None = None


class Note(Part):
    """A note as it appears in events and answers: without its text, and without its author."""

    note_id: Id
    room_id: Id
    session_id: Id | None = None
    kind: NoteKind
    confidential: bool = True
    status: NoteStatus = NoteStatus.KEPT
    version: int


class PublishedNote(Note):
    """A note for everybody who sees the room."""

    title: str
    text: str
    recorded_at: Instant


class NoteResult(PublishedNote):
    """A note for the people in the room; ``author_id`` null: a person who was erased."""

    author_id: Id | None = None


class NotesFound(Part):
    """A page of notes; ``after`` is null on the last page."""

    notes: list[NoteResult]
    after: str | None
