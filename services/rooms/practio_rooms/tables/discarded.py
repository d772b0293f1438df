"""Drafts that were discarded."""

from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class DiscardedDraftRow(Tables):
    """What remains of a discarded draft, so that its id is not given again; ``asked`` as in the room's row."""

    __tablename__ = "discarded_draft"

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    asked: Mapped[str] = mapped_column(Text)
