"""The orders of a person's own rooms, and the cursors in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import BigInteger, ColumnElement, Row, Select, cast, func, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.paging import write_cursor
from practio_contracts.rooms import OwnOrder
from practio_rooms.tables import CareRow, RoomRow

_BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_NOT_QUIET = -(2**62)

_RANK = func.coalesce(cast(CareRow.rank, BigInteger), 0)
_QUIET_FOR = func.coalesce(-cast(func.extract("epoch", CareRow.quiet_since), BigInteger), _NOT_QUIET)
"""It falls with each second by which a room has been quiet for less; lowest for those that are not."""

Columns = Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]]

_SOONEST: Columns = {"session_sort_key": RoomRow.session_sort_key, "room_id": RoomRow.room_id}
_QUIETEST: Columns = {"rank": _RANK, "quiet_for": _QUIET_FOR, **_SOONEST}


@dataclass(frozen=True, slots=True)
class Order:
    """Columns by name, sorted descending; a place is the order's ``mark`` and the values of the last room's columns."""

    mark: str
    columns: Columns
    places: TypeAdapter[tuple[Any, ...]]

    @property
    def shown(self) -> Sequence[ColumnElement[Any]]:
        """Return the columns under their names."""
        return [column.label(name) for name, column in self.columns.items()]

    def ordered(self, statement: Select[Any]) -> Select[Any]:
        """Return the statement for rooms in this order."""
        return statement.order_by(*(column.desc() for column in self.columns.values()))

    def after(self, statement: Select[Any], place: tuple[Any, ...] | None) -> Select[Any]:
        """Return the statement for the rooms that follow ``place``."""
        if place is None:
            return statement
        columns = list(self.columns.values())
        values = (literal(value, column.type) for value, column in zip(place[1:], columns, strict=True))
        return statement.where(tuple_(*columns) < tuple_(*values))

    def cursor(self, row: Row[Any]) -> str:
        """Return the cursor after a row of the statement."""
        return write_cursor(self.mark, *(getattr(row, name) for name in self.columns))


ORDERS: Mapping[OwnOrder, Order] = {
    OwnOrder.SOONEST: Order("own-room", _SOONEST, TypeAdapter(tuple[Literal["own-room"], _BigInt, UUID])),
    OwnOrder.QUIETEST: Order(
        "own-quiet", _QUIETEST, TypeAdapter(tuple[Literal["own-quiet"], _BigInt, _BigInt, _BigInt, UUID])
    ),
}
