"""Many rows in one statement: each column is one array, so the statement is the same for any number of rows.

``executemany`` runs a statement once for each row. PostgreSQL then opens the table and all of its indexes each time: of
the 190 µs in which a room with its 30 indexes is updated, 150.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Delete,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    update,
)
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeEngine

from practio_chassis.database.sql import among

Rows = Sequence[Mapping[str, Any]]
"""Values by the key of their column; all rows have the same columns."""

Given = ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]
Write = tuple[Insert | Delete, Mapping[str, Any]]
"""A statement that writes, kept for the next time, and its parameters."""

Change = Callable[[Given], Mapping[str, Any]]
"""Returns the new values of a row that exists, by the row that was to be inserted in its place. The statement is kept
for as long as this function is: it is one of a module, or made by a function that keeps it."""

_ORDER = "ordinal"
_CHANNEL = "notified_channel"


async def insert_rows(session: AsyncSession, table: Table, rows: Rows) -> None:
    """Insert rows in their order; no statement for no rows."""
    await write_together(session, insertion(table, rows))


async def upsert_rows(session: AsyncSession, table: Table, rows: Rows, *, key: Sequence[str], change: Change) -> None:
    """Insert rows in their order; ``change`` those whose ``key`` exists. No statement for no rows, no key twice."""
    await write_together(session, upsertion(table, rows, key=key, change=change))


def insertion(table: Table, rows: Rows) -> list[Write]:
    """Return what ``insert_rows`` writes."""
    return [(_insert_of(table, tuple(rows[0])), _arrays_of(table, rows))] if rows else []


def upsertion(table: Table, rows: Rows, *, key: Sequence[str], change: Change) -> list[Write]:
    """Return what ``upsert_rows`` writes."""
    if not rows:
        return []
    return [(_upsert_of(table, tuple(rows[0]), tuple(key), change), _arrays_of(table, rows))]


def deletion(table: Table, key: str, values: Collection[Any]) -> list[Write]:
    """Return what deletes the rows whose ``key`` is one of ``values``."""
    return [(_delete_of(table, key), {_deleted(table): list(values)})] if values else []


async def write_together(session: AsyncSession, writes: Sequence[Write], notify: str | None = None) -> None:
    """Write rows of several tables with one statement, no row twice; notify the listeners of a channel by the same.

    Each sees the tables as they were before, and PostgreSQL executes them in any order. No statement for nothing.
    """
    if not writes and notify is None:
        return
    if len(writes) == 1 and notify is None:
        [(statement, parameters)] = writes
        await session.execute(statement, parameters)
        return
    parameters = {name: value for _, each in writes for name, value in each.items()} | {_CHANNEL: notify}
    await session.execute(_together(tuple(statement for statement, _ in writes)), parameters)


@lru_cache(maxsize=200)
def taking(*names: str) -> Change:
    """Return the change by which a row that exists takes these columns of the one that was to be inserted."""
    return lambda given: {name: given[name] for name in names}


async def update_rows(session: AsyncSession, table: Table, rows: Rows, *, key: str) -> None:
    """Update the rows that have these values of the column ``key``; no statement for no rows.

    If another transaction may change the same rows, lock them first: PostgreSQL updates them in any order.
    """
    if rows:
        await session.execute(_update_of(table, key, tuple(rows[0])), _arrays_of(table, rows))


@lru_cache(maxsize=200)
def _insert_of(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(names, _rows_of(table, names))


@lru_cache(maxsize=200)
def _upsert_of(table: Table, names: tuple[str, ...], key: tuple[str, ...], change: Change) -> Insert:
    put = _insert_of(table, names)
    return put.on_conflict_do_update(index_elements=key, set_=change(put.excluded))


@lru_cache(maxsize=20)
def _delete_of(table: Table, key: str) -> Delete:
    return delete(table).where(among(table.c[key], _deleted(table)))


@lru_cache(maxsize=200)
def _together(statements: tuple[Insert | Delete, ...]) -> Select[Any]:
    """Return the statement that executes all of these, and notifies a channel if there is one."""
    channel = bindparam(_CHANNEL, type_=Text())
    notified = select(case((channel.is_not(None), func.pg_notify(channel, ""))))
    return notified.add_cte(*(each.cte(f"write_{number}") for number, each in enumerate(statements)))


def _arrays_of(table: Table, rows: Rows) -> dict[str, list[Any]]:
    """Return the parameters of a statement: the values of each column, in the order of the rows."""
    return {_parameter(table, name): _carried(table.c[name].type, [row[name] for row in rows]) for name in rows[0]}


@lru_cache(maxsize=200)
def _update_of(table: Table, key: str, names: tuple[str, ...]) -> Update:
    given = _rows_of(table, names).order_by(None).subquery("given")
    values = {table.c[name]: given.c[name] for name in names if name != key}
    return update(table).where(table.c[key] == given.c[key]).values(values)


def _rows_of(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """Return the query of the rows that the arrays hold, with the columns' types."""
    columns = [table.c[name] for name in names]
    arrays = [bindparam(_parameter(table, each.key), type_=ARRAY(_carrier(each.type))) for each in columns]
    given = (
        func.unnest(*arrays)
        .table_valued(*(named(each.key, _carrier(each.type)) for each in columns), with_ordinality=_ORDER)
        .render_derived(name="unnested")
    )
    return select(*(_value(given.c[each.key], each.type).label(each.key) for each in columns)).order_by(given.c[_ORDER])


def _parameter(table: Table, name: str) -> str:
    """Return the name of a column's array, in any statement: the column's own is SQLAlchemy's, for a single value."""
    return f"{table.name}_{name}_values"


def _deleted(table: Table) -> str:
    return f"{table.name}_deleted"


def _carrier(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type of an array's items: JSON and arrays travel as text, since ``unnest`` would flatten arrays."""
    return Text() if isinstance(kind, ARRAY | JSON) else kind


def _carried(kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    if isinstance(kind, JSON):
        is_sql_null = kind.none_as_null
        return [None if value is None and is_sql_null else to_json(value).decode() for value in values]
    if isinstance(kind, ARRAY):
        return [None if value is None else _array_literal(value) for value in values]
    return values


def _array_literal(items: Iterable[object]) -> str:
    """Return an array as PostgreSQL reads it: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO."""
    quoted = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{each}"' for each in quoted) + "}"


def _value(carried: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return cast(carried, kind) if isinstance(kind, JSON | ARRAY) else carried
