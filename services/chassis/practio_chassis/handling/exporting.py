"""What a service stores about a person, page by page, for that person and the system: the rows of its places."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter
from sqlalchemy import ColumnElement, MetaData, Table, Text, cast, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_chassis.handling.personal_rows import addresses_of, names
from practio_chassis.paging import fitting, read_cursor, write_cursor
from practio_chassis.personal_data import PersonalData, Place, own_part
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.personal_data import ExportedRow, ExportPersonQuery, PersonExport

ExportHandler = Callable[
    [ReceivedMessage[ExportPersonQuery], AsyncSession, datetime], Awaitable[PersonExport | Refusal]
]

_NOT_THEIRS = Refusal(code="not-allowed", detail="people can export only what is stored about themselves")
_KEY_LENGTH = 40
_Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{40,64}$")]
_CURSORS = TypeAdapter(tuple[Annotated[int, Field(ge=0)], list[_Key]])
"""The number of the table in which a page ended, and the key of its last row."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of the table with this number, and its key."""

    number: int
    key: list[str]
    row: ExportedRow


def exporting(personal_data: PersonalData, metadata: MetaData) -> ExportHandler:
    """Return the handler of a service's query for what it stores about a person."""
    places = personal_data.places

    async def export_person(
        query: ReceivedMessage[ExportPersonQuery], session: AsyncSession, _now: datetime
    ) -> PersonExport | Refusal:
        asked = query.message
        cursor = read_cursor(asked.after, _CURSORS)
        if isinstance(cursor, Refusal):
            return cursor
        if query.actor not in (asked.person_id, SYSTEM):
            return _NOT_THEIRS
        found = await _rows_after(cursor, session, metadata, places, asked)
        page = list(fitting(each.row for each in found[: asked.limit]))
        last = found[len(page) - 1] if page else None
        after = write_cursor(last.number, last.key) if last and len(page) < len(found) else None
        return PersonExport(rows=page, after=after)

    return export_person


async def _rows_after(
    cursor: tuple[int, list[str]] | None,
    session: AsyncSession,
    metadata: MetaData,
    places: Sequence[Place],
    asked: ExportPersonQuery,
) -> list[_Found]:
    """Return the rows after a place, table by table: one more than a page has, if there are more."""
    start, last = cursor or (0, None)
    addresses = await addresses_of(session, metadata, places, [asked.person_id])
    found: list[_Found] = []
    for number, place in enumerate(places[start:], start):
        table = metadata.tables[place.table]
        concerned = _concerned(table, place, asked.person_id, sorted(addresses))
        after = last if number == start else None
        most = asked.limit + 1 - len(found)
        found += [
            _Found(number, key, ExportedRow(table=place.table, row=own_part(place, row, asked.person_id)))
            for key, row in await _rows(session, table, place, concerned, after=after, most=most)
        ]
        if len(found) > asked.limit:
            break
    return found


def _concerned(table: Table, place: Place, person_id: UUID, addresses: Sequence[str]) -> ColumnElement[bool]:
    readers = place.people if place.readers is None else place.readers
    conditions = [names(table.c[name], [person_id]) for name in readers]
    if place.address:
        conditions.append(one_of(table.c[place.address], addresses))
    return or_(false(), *conditions)


async def _rows(
    session: AsyncSession,
    table: Table,
    place: Place,
    concerned: ColumnElement[bool],
    *,
    after: list[str] | None,
    most: int,
) -> list[tuple[list[str], dict[str, Any]]]:
    """Return rows with their keys, in the order of these. The person's rows are found first, by their own index."""
    key = array([_part_of_key(column) for column in table.primary_key])
    columns = [table.c[name] for name in place.shown]
    rows = select(key.label("key"), *columns).where(concerned).cte("concerned").prefix_with("MATERIALIZED")
    later = rows.c.key > literal(after, ARRAY(Text)) if after else true()
    found = await session.execute(select(rows).where(later).order_by(rows.c.key).limit(most))
    return [(key, values) for row in found.mappings() for key, values in [(row["key"], dict(row))]]


def _part_of_key(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a column as text of a limited length, by which ids and numbers are ordered as they are."""
    if isinstance(column.type, Text):
        return func.encode(func.sha256(func.convert_to(column, "UTF8")), "hex", type_=Text())
    return func.lpad(cast(column, Text), _KEY_LENGTH, "0", type_=Text())
