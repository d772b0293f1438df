"""An order of rows, and the cursors in it: how every query returns one page after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.handling.paging import write_cursor
from practio_rooms.queries.reading import shown_of

R = TypeVar("R")
P = TypeVar("P", bound=BaseModel)

Columns = Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]]
"""Columns by the names that they have in a row."""


@dataclass(frozen=True, slots=True)
class Order:
    """Columns, sorted together; a place is the order's ``mark`` and the values of the last row's columns.

    ``places`` reads a place from a cursor. The last column is the id of a row, since rows with the same values in all
    columns would be skipped.
    """

    mark: str
    columns: Columns
    places: TypeAdapter[tuple[Any, ...]]
    is_descending: bool = True

    @property
    def shown(self) -> Sequence[ColumnElement[Any]]:
        """Return the columns under their names."""
        return [column.label(name) for name, column in self.columns.items()]

    def ordered(self, statement: Select[Any]) -> Select[Any]:
        """Return the statement for rows in this order."""
        columns = self.columns.values()
        return statement.order_by(*(each.desc() if self.is_descending else each.asc() for each in columns))

    def after(self, statement: Select[Any], place: tuple[Any, ...] | None) -> Select[Any]:
        """Return the statement for the rows that follow ``place``; all of them if it is None."""
        if place is None:
            return statement
        columns = list(self.columns.values())
        key = tuple_(*columns)
        last = tuple_(*(literal(value, column.type) for value, column in zip(place[1:], columns, strict=True)))
        return statement.where(key < last if self.is_descending else key > last)

    def cursor(self, row: Any) -> str:
        """Return the cursor after a row, which has the columns under their names."""
        return write_cursor(self.mark, *(getattr(row, name) for name in self.columns))

    def page(self, rows: Sequence[R], shown: Callable[[R], P], *, limit: int) -> tuple[list[P], str | None]:
        """Return what is shown of the first ``limit`` rows, as many as fit into an answer, and the cursor after them.

        The cursor is None after the last row: ``rows`` has one more than ``limit`` if others follow. A row that this
        release cannot read is left out.
        """
        *_, (key, column) = self.columns.items()
        page, count = shown_of({getattr(row, key): row for row in rows[:limit]}, shown, table=column.table.name)
        return page, self.cursor(rows[count - 1]) if count < len(rows) else None
