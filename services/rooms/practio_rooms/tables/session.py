"""Sessions and series."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Interval, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables

_TO_COME = "status = 'scheduled' AND NOT over_published"
_UNCHECKED = f"{_TO_COME} AND risk_checked_for IS DISTINCT FROM starts_at"


class SeriesRow(Tables):
    """The rule that gives a series its dates, and the properties that they share.

    Wall-clock times are of ``time_zone``. Dates that the rule gives up to ``planned_until`` are sessions already; later
    ones will be held ``shift`` after the time of the rule. ``has_ended``: the series gives no more sessions.
    """

    __tablename__ = "series"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.room_id", ondelete="CASCADE"), primary_key=True)
    series_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    rrule: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    except_dates: Mapped[list[date]] = mapped_column(ARRAY(Date))
    time_zone: Mapped[str] = mapped_column(Text)
    duration: Mapped[timedelta] = mapped_column(Interval)
    topic: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    meeting_url: Mapped[str | None] = mapped_column(Text)
    shift: Mapped[timedelta] = mapped_column(Interval)
    planned_until: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    has_ended: Mapped[bool]


class SessionRow(Tables):
    """A session of a room; the key contains the room, so that nobody can take ids that another room's series will give.

    ``ruled_at`` is the wall-clock time that the rule of its series gave it, ``has_own_time`` whether it was moved on
    its own since, ``asked`` the fingerprint of the command that named it (empty for further dates of a series).
    ``event_number`` is how many events have the session as their subject, ``over_published`` whether one states that it
    is over. ``risk_checked_for`` is the start for which it was seen whether the session can run, or for which it is too
    late.
    """

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="session_takes_time"),
        Index("session_by_end", "ends_at"),
        Index("session_by_id", "session_id"),
        Index("session_by_start", "room_id", "starts_at"),
        Index("session_by_series", "room_id", "series_id", "ruled_at"),
        Index("session_to_come", "room_id", postgresql_where=text(_TO_COME)),
        Index("session_to_come_by_end", "ends_at", postgresql_where=text(_TO_COME)),
        Index("session_unchecked", "starts_at", postgresql_where=text(_UNCHECKED)),
    )

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.room_id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    series_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    time_zone: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    meeting_url: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    ruled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    has_own_time: Mapped[bool]
    asked: Mapped[str] = mapped_column(Text)
    guests: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    event_number: Mapped[int] = mapped_column(default=0, server_default="0")
    over_published: Mapped[bool] = mapped_column(default=False, server_default="false")
    risk_checked_for: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


IS_TO_COME = text(f"session.{_TO_COME.replace('NOT over', 'NOT session.over')}")
"""The condition that a session takes place and no event states yet that it is over, as the partial indexes have it."""
