"""Conditions over many values whose SQL text does not depend on how many there are.

``column.in_(values)`` writes a parameter a value: each count is another statement, rendered, parsed and planned again,
which for batches costs more than all the rest. An array is one parameter.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def one_of(column: Column, values: Collection[Any]) -> ColumnElement[bool]:
    """Say that ``column`` has one of ``values``."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def one_of_rows(columns: Sequence[Column], rows: Collection[Sequence[Any]]) -> ColumnElement[bool]:
    """Say that ``columns`` together have the values of one of ``rows``."""
    arrays = [literal([row[at] for row in rows], ARRAY(column.type)) for at, column in enumerate(columns)]
    return tuple_(*columns).in_(select(*(func.unnest(array) for array in arrays)))
