"""The orders of search results, and the cursors in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.paging import write_cursor
from practio_contracts.fields import Instant
from practio_contracts.rooms import SearchOrder
from practio_rooms.tables import RoomRow

SHOWN = (RoomRow.snapshot, RoomRow.seats_free, RoomRow.waiting, RoomRow.roles_taken)
"""The columns of a room in search results."""

_BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63)]


@dataclass(frozen=True, slots=True)
class Order:
    """Columns, sorted descending; a place is the order's name and the values of the last room's columns."""

    name: SearchOrder
    columns: tuple[InstrumentedAttribute[Any], ...]
    places: TypeAdapter[tuple[Any, ...]]

    def statement(
        self, place: tuple[Any, ...] | None, filters: Iterable[ColumnElement[bool]], *, limit: int
    ) -> Select[Any]:
        """Return the statement for the ``limit`` rooms that follow ``place``."""
        found = select(*SHOWN, *self.columns).where(*filters).order_by(*(column.desc() for column in self.columns))
        if place is None:
            return found.limit(limit)
        values = (literal(value, column.type) for value, column in zip(place[1:], self.columns, strict=True))
        return found.where(tuple_(*self.columns) < tuple_(*values)).limit(limit)

    def cursor(self, row: Row[Any]) -> str:
        """Return the cursor after a row of the statement."""
        return write_cursor(self.name, *(getattr(row, column.key) for column in self.columns))


NEWEST = Order(
    SearchOrder.NEWEST,
    (RoomRow.published_at, RoomRow.room_id),
    TypeAdapter(tuple[Literal[SearchOrder.NEWEST], Instant, UUID]),
)
SOONEST = Order(
    SearchOrder.SOONEST,
    (RoomRow.session_sort_key, RoomRow.published_at, RoomRow.room_id),
    TypeAdapter(tuple[Literal[SearchOrder.SOONEST], _BigInt, Instant, UUID]),
)
