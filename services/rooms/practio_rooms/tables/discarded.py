"""Drafts that were discarded."""

from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class DiscardedDraftRow(Tables):
    """What stays of a draft that was discarded, so that its id is not given again; ``asked`` as the room had it."""

    __tablename__ = "discarded_draft"

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    asked: Mapped[str] = mapped_column(Text)
