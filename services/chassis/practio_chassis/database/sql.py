"""Conditions over many values, with an SQL text that does not depend on their number.

``column.in_(values)`` has one parameter per value: each count is another statement, rendered, parsed and planned again,
which costs batches more than all the rest. An array is one parameter.

To put a statement together takes SQLAlchemy 0.1 to 0.3 ms, which a batch feels if it is small. Statements of every
batch are therefore built once, with the names of their parameters: ``among`` and ``among_rows``.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, bindparam, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def one_of(column: Column, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def among(column: Column, name: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the values in the list that is the parameter ``name``."""
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def among_rows(columns: Sequence[Column], names: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that ``columns`` together equal a row of the lists that are the parameters ``names``."""
    arrays = [bindparam(name, type_=ARRAY(column.type)) for column, name in zip(columns, names, strict=True)]
    return tuple_(*columns).in_(select(*(func.unnest(array) for array in arrays)))


def lists_of(names: Sequence[str], rows: Collection[Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the parameters of ``among_rows``: a list for each of ``names``, of the values of ``rows``."""
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def one_of_rows(columns: Sequence[Column], rows: Collection[Sequence[Any]]) -> ColumnElement[bool]:
    """Return the condition that ``columns`` together equal one of ``rows``."""
    arrays = [literal([row[at] for row in rows], ARRAY(column.type)) for at, column in enumerate(columns)]
    return tuple_(*columns).in_(select(*(func.unnest(array) for array in arrays)))
