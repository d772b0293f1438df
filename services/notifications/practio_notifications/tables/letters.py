"""The tables of letters, of those that came back, and of addresses that are not written to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_contracts.notifications import LetterStatus
from practio_notifications.tables.base import Json, Row, metadata

_STATES = ", ".join(f"'{status}'" for status in LetterStatus)

EVENT_ID, CAUSE_DATA = "fact_id", "told"
"""The columns of a letter whose names are older than what they are called now."""


class LetterRow(Row):
    """A letter on its way, or the record of one.

    ``member_id`` is the person it is about: the reader if it is about the room and no membership. ``cause_data`` is the
    data of the event that caused it, null once either person is erased. ``due_at`` is when a sender is to look at it:
    its time to leave, or, while ``sending``, when the claim lapses; null once it is settled. ``interrupted``: a claim
    lapsed, so it may have left already. ``gathered_in`` is the digest that contains it instead; a digest's ``room_id``
    is that of its first letter. A link's is the room to which it leads, if any. ``traceparent`` is that of the span in
    which it was written.
    """

    __tablename__ = "letter"

    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(EVENT_ID)
    correlation_id: Mapped[str]
    traceparent: Mapped[str | None]
    kind: Mapped[str]
    person_id: Mapped[UUID]
    member_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    membership_id: Mapped[UUID | None]
    cause_data: Mapped[Json | None] = mapped_column(CAUSE_DATA)
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    interrupted: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    gathered_in: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("fact_id", "person_id", "kind", name="one_letter_a_fact_person_and_kind"),
        CheckConstraint(f"status IN ({_STATES})", name="letter_status"),
        Index("letter_by_due_time", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("letter_held", "person_id", postgresql_where=text("status = 'held'")),
        Index("letter_of_person", "person_id", "created_at", "letter_id"),
        Index("letter_of_room", "room_id", "created_at", "letter_id"),
        Index("letter_about_member", "member_id"),
        Index("letter_gathered", "gathered_in", postgresql_where=text("gathered_in IS NOT NULL")),
        Index("letter_by_age", "created_at", "letter_id"),
        Index("letter_not_sent", "status", "created_at", "letter_id", postgresql_where=text("status <> 'sent'")),
        Index("letter_with_text", "created_at", postgresql_where=text("due_at IS NULL AND told IS NOT NULL")),
    )


class BounceRow(Row):
    """A letter that came back; ``email`` is the key of an address.

    ``person_id`` is its reader, if the report names the letter.
    """

    __tablename__ = "bounce"

    bounce_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    kind: Mapped[str]
    letter_id: Mapped[UUID | None]
    detail: Mapped[str | None]
    at: Mapped[datetime]
    person_id: Mapped[UUID | None]

    __table_args__ = (
        Index("bounce_of_address", "email", "at"),
        Index("bounce_by_age", "at"),
        Index("bounce_of_person", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    )


class SuppressionRow(Row):
    """An address, by its key, that is not written to."""

    __tablename__ = "suppression"

    email: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]


LETTER = metadata.tables[LetterRow.__tablename__]
