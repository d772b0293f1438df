"""Everything that Practio stores about a person: the answers of all services together, page after page."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from practio_contracts import membership, notifications, rooms
from practio_contracts.personal_data import ExportPersonQuery, PersonExport

EXPORTS: tuple[type[ExportPersonQuery], ...] = (
    rooms.ExportPerson,
    membership.ExportPerson,
    notifications.ExportPerson,
)
"""The query of each service."""

Rows = dict[str, list[dict[str, Any]]]
"""What one service stores, by table."""

Ask = Callable[[ExportPersonQuery], Awaitable[PersonExport]]


class TablesUnknownError(Exception):
    """The service is of the previous release, and refuses a query for the rows of some tables alone."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The rows of some tables of one service, at least, and the number of rows of each of its tables."""

    rows: Rows
    counts: Mapping[str, int]


async def everything_about(person_id: UUID, ask: Ask) -> dict[str, Rows]:
    """Return what is stored about a person, by service and table; ``ask`` gets one page, or raises why it cannot."""
    found = await asyncio.gather(*(_all_of(query(person_id=person_id), ask) for query in EXPORTS))
    return {query.owner(): each.rows for query, each in zip(EXPORTS, found, strict=True)}


async def summary_about(person_id: UUID, ask: Ask, *, tables: Sequence[str]) -> dict[str, Summary]:
    """Return the rows of ``tables``, and how many every table has, by service; ``ask`` as ``everything_about``.

    If ``ask`` raises TablesUnknownError, the rows of all tables of that service are read and counted.
    """
    asked = {"person_id": person_id, "tables": list(tables)}
    found = await asyncio.gather(*(_summary_of(query.model_validate(asked), ask) for query in EXPORTS))
    return {query.owner(): each for query, each in zip(EXPORTS, found, strict=True)}


async def _summary_of(query: ExportPersonQuery, ask: Ask) -> Summary:
    try:
        return await _all_of(query, ask)
    except TablesUnknownError:
        everything = await _all_of(type(query)(person_id=query.person_id), ask)
    return Summary(everything.rows, {table: len(rows) for table, rows in everything.rows.items()})


async def _all_of(query: ExportPersonQuery, ask: Ask) -> Summary:
    rows: Rows = {}
    counts: Mapping[str, int] = {}
    while True:
        page = await ask(query)
        counts = counts or page.counts or {}
        for each in page.rows:
            rows.setdefault(each.table, []).append(each.row)
        if page.after is None:
            return Summary(rows, counts)
        query = query.model_copy(update={"after": page.after})
