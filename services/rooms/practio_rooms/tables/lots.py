"""What reports over many rooms sum: months that are fixed once and for all, and people in lots of four or more.

A month is fixed two days after its end. Nothing that is shown is read from anything else, so what one person does
changes nothing until the month is fixed, and what is fixed never changes (domain/lots.py).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, DateTime, ForeignKey, Index, Integer, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from practio_rooms.tables.base import Tables

_END = "coalesce(last_month, month)"
_OPEN = "kind = 'people' AND last_month IS NULL"


class MonthFixedRow(Tables):
    """A month that is fixed in all rooms."""

    __tablename__ = "month_fixed"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    fixed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RoomMonthRow(Tables):
    """A month of a room, with the sponsor and the format that it had when the month was fixed.

    ``useful`` are the ratings that were released since the month before was fixed: how many of each of 1 to 5;
    ``released`` all that were released until then.
    """

    __tablename__ = "room_month"
    __table_args__ = (
        Index("room_month_by_sponsor", "sponsor_id", "month"),
        Index("room_month_by_month", "month"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    sponsor_id: Mapped[UUID | None] = mapped_column(Uuid)
    format: Mapped[str] = mapped_column(Text)
    sessions_held: Mapped[int]
    notes: Mapped[int]
    useful: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    released: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class LotRow(Tables):
    """Four people or more of a room, or of several rooms of a sponsor (``room_id`` and ``format`` null), as a number.

    A lot of ``people`` counts in each month from ``month`` to ``last_month``, and on if that is null; any other lot in
    its ``month`` alone.
    """

    __tablename__ = "lot"
    __table_args__ = (
        Index("lot_by_room", "room_id", "month"),
        Index("lot_by_sponsor", "sponsor_id", "month"),
        Index("lot_by_end", text(_END)),
        Index("lot_open", "room_id", postgresql_where=text(_OPEN)),
    )

    lot_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    room_id: Mapped[UUID | None] = mapped_column(Uuid)
    sponsor_id: Mapped[UUID | None] = mapped_column(Uuid)
    format: Mapped[str | None] = mapped_column(Text)
    month: Mapped[date] = mapped_column(Date)
    last_month: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[int]


class LotPersonRow(Tables):
    """A person in an open lot of people; needed to know when all of them have left."""

    __tablename__ = "lot_person"
    __table_args__ = (
        Index("lot_person_by_room", "room_id"),
        Index("lot_person_by_person", "person_id"),
    )

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.lot_id", ondelete="CASCADE"), primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class LotWaitingRow(Tables):
    """What of a person waits for a lot, of each kind: at most three people of a room do."""

    __tablename__ = "lot_waiting"
    __table_args__ = (
        Index("lot_waiting_by_room", "room_id"),
        Index("lot_waiting_by_person", "person_id"),
        Index("lot_waiting_by_month", "since"),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    amount: Mapped[int]
    since: Mapped[date] = mapped_column(Date)


IS_OPEN = text(f"lot.{_OPEN.replace('AND last', 'AND lot.last')}")
"""The condition of a lot of people who have not all left, as the partial index has it."""

LOT_END = func.coalesce(LotRow.last_month, LotRow.month)
LOT_IS_OVER = text("(kind <> 'people' OR last_month IS NOT NULL)")
"""The condition of a lot that counts in no month after its end."""
