"""Practice notes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Computed, DateTime, Index, Text, Uuid, literal_column
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from practio_contracts.rooms import NoteStatus
from practio_rooms.tables.base import Tables
from practio_rooms.tables.words import former_words_of, words_of


class NoteRow(Tables):
    """A note of a room; a withdrawn one has neither title nor text.

    ``author_id`` null: the author was erased. ``dictionary`` is that of the room's language when it was written;
    ``words`` serves the release before.
    """

    __tablename__ = "note"
    __mapper_args__ = {"eager_defaults": False}

    note_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    confidential: Mapped[bool]
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked: Mapped[str] = mapped_column(Text)
    dictionary: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(former_words_of(["title", "text"]), persisted=True), deferred=True
    )
    text_words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(words_of(["title", "text"]), persisted=True), deferred=True
    )


IS_KEPT = NoteRow.status == literal_column(f"'{NoteStatus.KEPT}'")
"""A literal rather than a bound value, so that PostgreSQL sees that the partial indexes apply."""

IS_PUBLIC = NoteRow.confidential.is_(False)

_NEWEST = (NoteRow.room_id, NoteRow.recorded_at, NoteRow.note_id)
Index("note_newest", *_NEWEST, postgresql_where=IS_KEPT)
Index("note_newest_public", *_NEWEST, postgresql_where=IS_KEPT & IS_PUBLIC)
Index("note_by_text", NoteRow.text_words, postgresql_using="gin", postgresql_where=IS_KEPT)
Index("note_by_words", NoteRow.words, postgresql_using="gin", postgresql_where=IS_KEPT)
Index("note_by_author", NoteRow.author_id)
