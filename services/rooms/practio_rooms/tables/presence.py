"""The people in each room."""

from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables


class PresenceRow(Tables):
    """A person who is in a room, by their membership."""

    __tablename__ = "presence"
    __table_args__ = (
        Index("presence_by_room", "room_id", "person_id"),
        Index("presence_by_person", "person_id"),
    )

    membership_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)


class EndingRow(Tables):
    """A membership that ended with its room; ``was_in_it``: the person was in the room until then."""

    __tablename__ = "ending"
    __table_args__ = (
        Index("ending_by_room", "room_id", "person_id"),
        Index("ending_by_person", "person_id"),
    )

    membership_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    was_in_it: Mapped[bool]
