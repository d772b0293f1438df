"""Conditions over many values, with an SQL text that does not depend on their number.

``column.in_(values)`` has one parameter per value: each count is another statement, rendered, parsed and planned again,
which costs batches more than all the rest. An array is one parameter.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def one_of(column: Column, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def one_of_rows(columns: Sequence[Column], rows: Collection[Sequence[Any]]) -> ColumnElement[bool]:
    """Return the condition that ``columns`` together equal one of ``rows``."""
    arrays = [literal([row[at] for row in rows], ARRAY(column.type)) for at, column in enumerate(columns)]
    return tuple_(*columns).in_(select(*(func.unnest(array) for array in arrays)))
