"""Rooms, with the columns that searches use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    DateTime,
    Index,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from practio_contracts.rooms import Room, RoomStatus
from practio_rooms.tables.base import Tables
from practio_rooms.tables.words import former_words_of, words_of

_SPONSOR_ID = "((snapshot -> 'sponsor'::text) ->> 'sponsor_id'::text)"
_TEXTS = [f"coalesce(snapshot ->> '{field}', '')" for field in ("title", "domain", "purpose", "for_whom")]


class RoomRow(Tables):
    """A room: its snapshot and, written with it, the columns that searches use.

    ``language`` is in folded case. ``text_words``, ``folded_domain`` and ``folded_sponsor_name`` are read from the row
    by PostgreSQL; ``words``, and the indexes of ``domain`` and ``sponsor_name``, serve the release before.
    ``office_ids`` are the host, facilitators and stewards; ``proposed_host_id`` is the person proposed as host.
    ``origin_id`` is the room that this one was made after: here too, so that the release before does not lose it.
    ``seats_free``, ``waiting``, ``pending`` and ``roles_taken`` (people by role) are as in membership's newest event:
    half of each page is left free for such updates, which then do not touch the indexes (PostgreSQL's heap-only
    tuples).
    """

    __tablename__ = "room"
    __table_args__ = (
        CheckConstraint("seats_free >= 0 AND waiting >= 0", name="room_counts"),
        {"postgresql_with": {"fillfactor": 50}},
    )
    __mapper_args__ = {"eager_defaults": False}

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked: Mapped[str] = mapped_column(Text)
    guidelines_version: Mapped[int]
    office_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    proposed_host_id: Mapped[UUID | None] = mapped_column(Uuid)
    origin_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    format: Mapped[str | None] = mapped_column(Text)
    mode: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    dictionary: Mapped[str] = mapped_column(Text)
    domain: Mapped[str | None] = mapped_column(Text)
    policy: Mapped[str | None] = mapped_column(Text)
    sponsor_kind: Mapped[str] = mapped_column(Text)
    sponsor_name: Mapped[str | None] = mapped_column(Text)
    seats_free: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0, server_default="0")
    roles_taken: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default="{}")
    session_sort_key: Mapped[int] = mapped_column("soonness", BigInteger)
    has_free_seats: Mapped[bool] = mapped_column(Computed("seats_free > 0", persisted=True))
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(former_words_of(_TEXTS), persisted=True), deferred=True)
    text_words: Mapped[str] = mapped_column(TSVECTOR, Computed(words_of(_TEXTS), persisted=True), deferred=True)
    folded_domain: Mapped[str | None] = mapped_column(Text, Computed("folded(domain)", persisted=True))
    folded_sponsor_name: Mapped[str | None] = mapped_column(Text, Computed("folded(sponsor_name)", persisted=True))

    @property
    def room(self) -> Room:
        """Return the room as it is."""
        return room_of(self.snapshot, self.origin_id)


def room_of(snapshot: dict[str, Any], origin_id: UUID | None) -> Room:
    """Return a room by its snapshot, to which the release before writes no origin."""
    return Room.model_validate(snapshot | {"origin_id": origin_id})


IS_PUBLISHED = RoomRow.status == literal_column(f"'{RoomStatus.PUBLISHED}'")
"""A literal rather than a bound value, so that PostgreSQL sees that the partial indexes apply."""


def names_sponsor(sponsor_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a room names a registered sponsor, as the index has it."""
    named: ColumnElement[str] = literal_column(_SPONSOR_ID.replace("snapshot", "room.snapshot"))
    return named == str(sponsor_id)


Index("room_by_sponsor", text(_SPONSOR_ID), RoomRow.room_id, postgresql_where=text(f"{_SPONSOR_ID} IS NOT NULL"))
Index("room_by_office", RoomRow.office_ids, postgresql_using="gin")
Index("room_by_proposed_host", RoomRow.proposed_host_id, postgresql_where=RoomRow.proposed_host_id.is_not(None))
Index("room_by_origin", RoomRow.origin_id, postgresql_where=RoomRow.origin_id.is_not(None))
Index("room_by_text", RoomRow.text_words, postgresql_using="gin", postgresql_where=IS_PUBLISHED)
Index("room_by_words", RoomRow.words, postgresql_using="gin", postgresql_where=IS_PUBLISHED)
_NEWEST = (RoomRow.published_at, RoomRow.room_id)
Index("room_newest", *_NEWEST, postgresql_where=IS_PUBLISHED)
Index("room_soonest", RoomRow.session_sort_key, *_NEWEST, postgresql_where=IS_PUBLISHED)
for _column in (
    RoomRow.format,
    RoomRow.mode,
    RoomRow.language,
    RoomRow.domain,
    RoomRow.policy,
    RoomRow.sponsor_kind,
    RoomRow.sponsor_name,
    RoomRow.folded_domain,
    RoomRow.folded_sponsor_name,
    RoomRow.has_free_seats,
):
    Index(f"room_newest_by_{_column.key}", _column, *_NEWEST, postgresql_where=IS_PUBLISHED)
    Index(f"room_soonest_by_{_column.key}", _column, RoomRow.session_sort_key, *_NEWEST, postgresql_where=IS_PUBLISHED)
