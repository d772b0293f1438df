"""The tables of notifications: whom it can write to, what it knows of rooms and memberships, and the letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, MetaData, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from practio_chassis.tables import frame_tables
from practio_contracts.notifications import LetterStatus

metadata = MetaData()
FRAME = frame_tables(metadata)

_STATES = ", ".join(f"'{status}'" for status in LetterStatus)

Json = dict[str, Any]


class Row(DeclarativeBase):
    """The tables of this service's schema."""

    metadata = metadata
    type_annotation_map = {Json: JSONB(none_as_null=True), str: Text, datetime: DateTime(timezone=True)}


class ContactRow(Row):
    """A person as the directory told last; erased: all but the id is null until told anew."""

    __tablename__ = "contact"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]


class RoomRow(Row):
    """A room's newest snapshot, as JSON."""

    __tablename__ = "room"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    snapshot: Mapped[Json]


class OccupancyRow(Row):
    """How full a room is, by the newest fact, as JSON."""

    __tablename__ = "occupancy"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    told: Mapped[Json]


class StandingRow(Row):
    """Where a membership stands, by the newest fact; no texts."""

    __tablename__ = "standing"

    membership_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    offer_expires_at: Mapped[datetime | None]


class LetterRow(Row):
    """A letter on its way, or what is left of one.

    ``member_id`` is whose way it is about; ``told`` is the data of the fact that caused it, null once either is
    erased. ``due_at`` is when a sender is to look at it: its time to leave, or, while ``sending``, when the claim
    lapses; null once it is settled. ``interrupted``: a claim lapsed, so it may have left already.
    """

    __tablename__ = "letter"

    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    fact_id: Mapped[UUID]
    correlation_id: Mapped[str]
    kind: Mapped[str]
    person_id: Mapped[UUID]
    member_id: Mapped[UUID]
    room_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    told: Mapped[Json | None]
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    interrupted: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("fact_id", "person_id", "kind", name="one_letter_a_fact_person_and_kind"),
        CheckConstraint(f"status IN ({_STATES})", name="letter_status"),
        Index("letter_by_due_time", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("letter_held", "person_id", postgresql_where=text("status = 'held'")),
        Index("letter_of_person", "person_id", "created_at", "letter_id"),
        Index("letter_of_room", "room_id", "created_at", "letter_id"),
        Index("letter_about_member", "member_id"),
        Index("letter_by_age", "created_at", "letter_id"),
    )
