"""Certificates of attendance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class CertificateRow(Tables):
    """A person's certificate of a room, by its code.

    ``earlier_…`` sum up the attendance that is marked as certified, of sessions that nobody records any more.
    """

    __tablename__ = "certificate"
    __table_args__ = (Index("certificate_by_person", "person_id", "room_id", unique=True),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    earlier_sessions: Mapped[int] = mapped_column(Integer, server_default="0")
    earlier_minutes: Mapped[int] = mapped_column(Integer, server_default="0")
    earlier_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    earlier_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
