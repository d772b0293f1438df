"""Rooms that are looked after."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class CareRow(Tables):
    """A published room: the signs that it is quiet, as they were published, and when it is looked at next.

    ``opened_at`` is when it was published, or reopened; ``quiet_since`` when the first of the ``signs`` was seen.
    ``rank`` is how much care it needs, 0 without a sign.
    """

    __tablename__ = "room_care"
    __table_args__ = (Index("room_care_by_look", "look_at"),)

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.room_id", ondelete="CASCADE"), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    look_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signs: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    quiet_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rank: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
