"""What a service stores about a person, page by page, for that person and the system: the rows of its places."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import Field, StringConstraints, TypeAdapter
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import NULLTYPE

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.paging import fitting, read_cursor, write_cursor
from practio_chassis.handling.personal_rows import addressing, is_about, person_named
from practio_chassis.people.personal_data import PersonalData, Place, without_others
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.personal_data import ExportedRow, ExportPersonQuery, PersonExport

ExportHandler = Callable[
    [ReceivedMessage[ExportPersonQuery], AsyncSession, datetime], Awaitable[PersonExport | Refusal]
]

_NOT_THEIRS = Refusal(code="not-allowed", detail="people can export only what is stored about themselves")
_KEY_LENGTH = 40
_PERSON = person_named("person")
_ADDRESSES = bindparam("addresses", type_=ARRAY(Text()))
_AFTER = bindparam("after", type_=ARRAY(Text()))
_MOST = bindparam("most", type_=Integer())
_Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{40,64}$")]
_CURSORS = TypeAdapter(tuple[Annotated[int, Field(ge=0)], list[_Key]])
"""The number of the table in which a page ended, and the key of its last row."""


class _Found(NamedTuple):
    """A row of the place with this number: its key, then the columns that are shown."""

    number: int
    place: Place
    row: Sequence[Any]

    @property
    def key(self) -> list[str]:
        """Return the key of the row."""
        key: list[str] = self.row[0]
        return key

    def part_of(self, person: str) -> ExportedRow:
        """Return what a person may read of the row."""
        values = dict(zip(self.place.shown, self.row[1:], strict=True))
        return ExportedRow(table=self.place.table, row=without_others(self.place, values, person))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A place, the statement that reads its rows from the first one, and the one that reads those after a key.

    They are made once: to put a statement together takes longer than to run it.
    """

    place: Place
    first: Select[Any]
    later: Select[Any]


def exporting(personal_data: PersonalData, metadata: MetaData) -> ExportHandler:
    """Return the handler of a service's query for what it stores about a person."""
    places = personal_data.places
    readings = [_reading(place, metadata) for place in places]
    looking = select(*(_has_rows(place, metadata) for place in places))
    counting = select(*(_count_of(place, metadata) for place in places))
    addresses = addressing(places, metadata, _PERSON)

    async def export_person(
        query: ReceivedMessage[ExportPersonQuery], session: AsyncSession, _now: datetime
    ) -> PersonExport | Refusal:
        asked = query.message
        cursor = read_cursor(asked.after, _CURSORS)
        if isinstance(cursor, Refusal):
            return cursor
        if query.actor not in (asked.person_id, SYSTEM):
            return _NOT_THEIRS
        about: dict[str, Any] = {"person": asked.person_id}
        found_at = await session.scalars(addresses, about) if addresses is not None else ()
        about["addresses"] = sorted(found_at)
        is_counted = asked.tables is not None and cursor is None
        stored = (await session.execute(counting if is_counted else looking, about)).one()
        read = [each for each in enumerate(readings) if stored[each[0]] and _is_wanted(each[1].place, asked)]
        found = await _rows_after(cursor, session, read, about, asked)
        person = str(asked.person_id)
        page = list(fitting(each.part_of(person) for each in found[: asked.limit]))
        last = found[len(page) - 1] if page else None
        after = write_cursor(last.number, last.key) if last and len(page) < len(found) else None
        return PersonExport(rows=page, after=after, counts=_counts(places, stored) if is_counted else None)

    return export_person


def _is_wanted(place: Place, asked: ExportPersonQuery) -> bool:
    return asked.tables is None or place.table in asked.tables


def _counts(places: Sequence[Place], stored: Sequence[int]) -> dict[str, int]:
    """Return the numbers of rows by table; a table may have several places."""
    counts: Counter[str] = Counter()
    for place, number in zip(places, stored, strict=True):
        counts[place.table] += number
    return dict(+counts)


async def _rows_after(
    cursor: tuple[int, list[str]] | None,
    session: AsyncSession,
    readings: Sequence[tuple[int, _Reading]],
    about: dict[str, Any],
    asked: ExportPersonQuery,
) -> list[_Found]:
    """Return the rows after a key, place by place: one more than a page has, if there are more.

    ``readings`` are those of places that have rows, with their numbers.
    """
    start, last = cursor or (0, None)
    found: list[_Found] = []
    for number, reading in readings:
        if number < start:
            continue
        is_begun = number == start and last is not None
        values = about | {"most": asked.limit + 1 - len(found)} | ({"after": last} if is_begun else {})
        rows = await session.execute(reading.later if is_begun else reading.first, values)
        found += [_Found(number, reading.place, row) for row in rows]
        if len(found) > asked.limit:
            break
    return found


def _reading(place: Place, metadata: MetaData) -> _Reading:
    """Return the statements of a place: rows in the order of their keys, which come first.

    The person's rows are found before they are ordered, by their own index.
    """
    table = metadata.tables[place.table]
    key = postgresql.array([_part_of_key(column) for column in table.primary_key])
    columns = [_shown(table.c[name]) for name in place.shown]
    about = select(key.label("key"), *columns).where(_concerned(place, metadata))
    rows = about.cte("concerned").prefix_with("MATERIALIZED")
    shown = (rows.c[name] for name in place.shown)
    first = select(type_coerce(rows.c.key, NULLTYPE), *shown).order_by(rows.c.key).limit(_MOST)
    return _Reading(place, first, first.where(rows.c.key > _AFTER))


def _has_rows(place: Place, metadata: MetaData) -> ColumnElement[bool]:
    """Return whether any row of a place concerns the person: most places have none, and are not read."""
    return exists().select_from(metadata.tables[place.table]).where(_concerned(place, metadata))


def _count_of(place: Place, metadata: MetaData) -> ColumnElement[int]:
    """Return how many rows of a place concern the person."""
    rows = select(func.count()).select_from(metadata.tables[place.table]).where(_concerned(place, metadata))
    return rows.scalar_subquery()


def _shown(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it is written, ids as text: there are thousands, and each is compared."""
    if isinstance(column.type, Uuid):
        return cast(column, Text).label(column.key)
    if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Uuid):
        return cast(column, ARRAY(Text)).label(column.key)
    return column


def _concerned(place: Place, metadata: MetaData) -> ColumnElement[bool]:
    table = metadata.tables[place.table]
    readers = place.people if place.readers is None else place.readers
    of_person = is_about(table.c, readers, _PERSON)
    return or_(of_person, table.c[place.address] == any_(_ADDRESSES)) if place.address else of_person


def _part_of_key(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a column as text of a limited length, by which ids and numbers are ordered as they are."""
    if isinstance(column.type, Text):
        return func.encode(func.sha256(func.convert_to(column, "UTF8")), "hex", type_=Text())
    return func.lpad(cast(column, Text), _KEY_LENGTH, "0", type_=Text())
