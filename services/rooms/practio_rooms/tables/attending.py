"""Who comes to a session, who came, what people have to do on a date, and the host's word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables

_TO_COUNT = "was_present AND has_seat AND NOT counted"


class SessionAnswerRow(Tables):
    """A person's answer to a session; it counts for the time from ``starts_at`` to ``ends_at`` alone.

    ``membership_id`` is that of a person who is in the room, and the answer ends with it; null for its offices.
    ``follows``: the person answered for all dates that follow, also those that are planned later.
    """

    __tablename__ = "session_answer"
    __table_args__ = (
        Index("session_answer_by_person", "person_id"),
        Index("session_answer_by_membership", "membership_id"),
        Index("session_answer_by_start", "starts_at"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    membership_id: Mapped[UUID | None] = mapped_column(Uuid)
    coming: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    follows: Mapped[bool]


class SessionPartRow(Tables):
    """What a person does on one date: bring a case (``role`` null), or have a role; in the order of ``number``.

    ``is_proposed``: nobody planned it, it was the person's turn when that was last published.
    """

    __tablename__ = "session_part"
    __table_args__ = (
        Index("session_part_by_person", "person_id"),
        Index("session_part_by_plan", "planned_at"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    role: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    planned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_proposed: Mapped[bool] = mapped_column(default=False, server_default="false")


class AttendanceRow(Tables):
    """Whether a person was there; ``has_seat``: they were in the room, and not only in its offices.

    ``counted``: a month that is fixed counts it, for reports over many rooms (tables/lots.py).
    ``certified``: it is summed up in the person's certificate.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        Index("attendance_by_person", "person_id"),
        Index("attendance_by_record", "recorded_at"),
        Index("attendance_to_count", "room_id", "session_id", postgresql_where=text(_TO_COUNT)),
        Index("attendance_uncertified", "recorded_at", postgresql_where=text("was_present AND NOT certified")),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    was_present: Mapped[bool]
    has_seat: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    counted: Mapped[bool] = mapped_column(default=False, server_default="false")
    certified: Mapped[bool] = mapped_column(server_default="false")


class AnnouncementRow(Tables):
    """That an announcement was made; its text is not kept.

    ``asked`` is its fingerprint; ``author_id`` is null for the system, or a person who was erased.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        Index("announcement_by_room", "room_id", "announced_at"),
        Index("announcement_by_author", "author_id"),
        Index("announcement_by_time", "announced_at"),
    )

    announcement_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    asked: Mapped[str] = mapped_column(Text)
    announced_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
