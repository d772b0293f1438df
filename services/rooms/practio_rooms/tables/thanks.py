"""Words of thanks between people in a room."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class ThanksRow(Tables):
    """A word of thanks: ``reason`` is what for; ``asked`` is the fingerprint of its command."""

    __tablename__ = "thanks"
    __table_args__ = (
        Index("thanks_by_room", "room_id", "thanked_at", "thanks_id"),
        Index("thanks_by_person", "person_id"),
        Index("thanks_by_author", "author_id", "room_id", "thanked_at"),
        Index("thanks_by_time", "thanked_at"),
    )

    thanks_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    author_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    seen_by: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)
    thanked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
