"""The tables of the catalogue: rooms with what searches need of them, and who is in which room."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, DateTime, Index, Text, Uuid, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from practio_chassis.tables import frame_tables
from practio_contracts.rooms import RoomStatus

_WORDS = (
    "to_tsvector('simple'::regconfig, "
    + " || ' ' || ".join(
        f"coalesce(snapshot ->> '{field}', '')" for field in ("title", "domain", "purpose", "for_whom")
    )
    + ")"
)


class Tables(DeclarativeBase):
    """What this service owns; no schema is named, for the roles' search path holds it alone."""


class RoomRow(Tables):
    """A room: its snapshot, and beside it, written with it, the columns that searches go by.

    ``domain``, ``language`` and ``sponsor_name`` are in folded case. ``office_ids`` are the host, facilitators and
    stewards. ``seats_free`` and ``waiting`` are as membership last told them.
    """

    __tablename__ = "room"
    __table_args__ = (CheckConstraint("seats_free >= 0 AND waiting >= 0", name="room_counts"),)
    __mapper_args__ = {"eager_defaults": False}

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked: Mapped[str] = mapped_column(Text)
    guidelines_version: Mapped[int]
    office_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    status: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    format: Mapped[str | None] = mapped_column(Text)
    mode: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    domain: Mapped[str | None] = mapped_column(Text)
    policy: Mapped[str | None] = mapped_column(Text)
    sponsor_kind: Mapped[str] = mapped_column(Text)
    sponsor_name: Mapped[str | None] = mapped_column(Text)
    seats_free: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    has_free_seats: Mapped[bool] = mapped_column(Computed("seats_free > 0", persisted=True))
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(_WORDS, persisted=True), deferred=True)


IS_PUBLISHED = RoomRow.status == literal_column(f"'{RoomStatus.PUBLISHED}'")
"""Written out rather than bound, so that PostgreSQL sees that the partial indexes apply."""

Index("room_by_office", RoomRow.office_ids, postgresql_using="gin")
Index("room_by_words", RoomRow.words, postgresql_using="gin", postgresql_where=IS_PUBLISHED)
Index("room_newest", RoomRow.published_at, RoomRow.room_id, postgresql_where=IS_PUBLISHED)
for _column in (
    RoomRow.format,
    RoomRow.mode,
    RoomRow.language,
    RoomRow.domain,
    RoomRow.policy,
    RoomRow.sponsor_kind,
    RoomRow.sponsor_name,
    RoomRow.has_free_seats,
):
    Index(
        f"room_newest_by_{_column.key}",
        _column,
        RoomRow.published_at,
        RoomRow.room_id,
        postgresql_where=IS_PUBLISHED,
    )


class PresenceRow(Tables):
    """A person who is in a room, by the membership that tells so."""

    __tablename__ = "presence"
    __table_args__ = (Index("presence_by_room", "room_id", "person_id"),)

    membership_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)


metadata = Tables.metadata
frame_tables(metadata)
