"""Everything that Practio stores about a person: the answers of all services together, page after page."""

import asyncio
from collections.abc import Awaitable, Callable
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


async def everything_about(person_id: UUID, ask: Ask) -> dict[str, Rows]:
    """Return what is stored about a person, by service and table; ``ask`` gets one page, or raises why it cannot."""
    found = await asyncio.gather(*(_rows_of(query(person_id=person_id), ask) for query in EXPORTS))
    return {query.owner(): rows for query, rows in zip(EXPORTS, found, strict=True)}


async def _rows_of(query: ExportPersonQuery, ask: Ask) -> Rows:
    rows: Rows = {}
    while True:
        page = await ask(query)
        for each in page.rows:
            rows.setdefault(each.table, []).append(each.row)
        if page.after is None:
            return rows
        query = query.model_copy(update={"after": page.after})
