"""Registered sponsors, and the people who look after them. The rooms of a sponsor name it in their snapshots."""

from uuid import UUID

from sqlalchemy import Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class SponsorRow(Tables):
    """A sponsor as it was registered last; ``version`` is the number of its newest event."""

    __tablename__ = "sponsor"

    sponsor_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int]


class SponsorDelegateRow(Tables):
    """A person who may see the report on a sponsor's rooms."""

    __tablename__ = "sponsor_delegate"
    __table_args__ = (Index("sponsor_delegate_by_person", "person_id"),)

    sponsor_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
