"""Reports of how somebody behaves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables

_IS_OPEN = "settled_at IS NULL"


class ConductReportRow(Tables):
    """A report; ``outcome``, ``words``, ``settled_by`` and ``settled_at`` are null until it is settled.

    ``about_ids`` are the people who never see it: the one whom it names, and the author of the note that it names.
    ``asked`` is the fingerprint of its command. ``reporter_id`` and ``settled_by`` are null for people who were erased,
    ``settled_by`` also for the system.
    """

    __tablename__ = "conduct_report"
    __table_args__ = (
        Index("conduct_report_by_room", "room_id", "reported_at", "report_id"),
        Index("conduct_report_by_reporter", "reporter_id", "room_id", "reported_at"),
        Index("conduct_report_about", "about_ids", postgresql_using="gin"),
        Index("conduct_report_by_settler", "settled_by"),
        Index("conduct_report_settled", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
        Index("conduct_report_by_time", "reported_at", "report_id"),
        Index("conduct_report_open", "reported_at", postgresql_where=text(_IS_OPEN)),
    )

    report_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    reporter_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    note_id: Mapped[UUID | None] = mapped_column(Uuid)
    about_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[UUID | None] = mapped_column(Uuid)
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


REPORT_IS_OPEN = text(_IS_OPEN)
