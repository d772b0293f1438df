"""The tables of rooms, as far as letters need them: rooms, sponsors, memberships, and how full rooms are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_notifications.tables.base import Json, Row


class RoomRow(Row):
    """A room's newest snapshot, as JSON, and its proposed host as of version ``proposed_in``."""

    __tablename__ = "room"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    snapshot: Mapped[Json]
    proposed_host_id: Mapped[UUID | None]
    proposed_in: Mapped[int] = mapped_column(default=0)


class SponsorRow(Row):
    """A sponsor by its newest event: its name, and the people who get its report each month."""

    __tablename__ = "sponsor"

    sponsor_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    delegate_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class CareRow(Row):
    """The signs that a room is quiet, by the newest event, of ``published_at``; none, and no ``since``: it is not.

    ``next_at`` is when its stewards are thought of next; null if it is not quiet. ``stewards_asked_for`` is the
    ``since`` for which its stewards had the letter that it has been quiet for long.
    """

    __tablename__ = "room_care"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    signs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    since: Mapped[datetime | None]
    published_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    stewards_asked_for: Mapped[datetime | None]

    __table_args__ = (Index("room_care_by_next_time", "next_at", postgresql_where=text("next_at IS NOT NULL")),)


EVENT_DATA = "told"
"""The column of an occupancy whose name is older than what it is called now."""


class OccupancyRow(Row):
    """How full a room is, by the newest event, as JSON."""

    __tablename__ = "occupancy"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_data: Mapped[Json] = mapped_column(EVENT_DATA)


class MembershipRow(Row):
    """A membership's state by its newest event; no texts. ``was_joined``: it had a seat at some time.

    ``is_named``: the person requested to join, accepted an invitation, or was invited as somebody of another room, so
    that the offices see their name (``store.names.NAMED``).
    """

    __tablename__ = "standing"

    membership_id: Mapped[UUID] = mapped_column(primary_key=True)
    room_id: Mapped[UUID]
    person_id: Mapped[UUID]
    status: Mapped[str]
    role: Mapped[str | None]
    offer_expires_at: Mapped[datetime | None]
    was_joined: Mapped[bool] = mapped_column(default=False)
    is_named: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (
        Index("standing_in_room", "room_id", "person_id"),
        Index("standing_of_person", "person_id"),
        Index(
            "standing_with_seat",
            "room_id",
            "person_id",
            postgresql_where=text("was_joined AND status IN ('joined', 'ended')"),
        ),
    )
