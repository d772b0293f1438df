"""The timelines of memberships, for reports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables

_HAS_LEFT = "coalesce(left_at, declined_at) IS NOT NULL"


class TimelineRow(Tables):
    """When each step of a membership was first taken; only instants, no name, no role, no text."""

    __tablename__ = "passage"
    __table_args__ = (
        Index("passage_by_room", "room_id"),
        Index("passage_by_person", "person_id"),
        Index("passage_by_end", text("coalesce(left_at, declined_at)"), postgresql_where=text(_HAS_LEFT)),
    )

    membership_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    requested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    waitlisted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    offered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    joined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    declined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


HAS_LEFT = text(_HAS_LEFT)
LEFT_AT = func.coalesce(TimelineRow.left_at, TimelineRow.declined_at)
