"""Rows that one connection makes, taken over by another with COPY: no statement for each, and no file."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

_CHUNKS = 64
_PATIENCE_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Copied:
    """A query whose rows fill a table; ``columns`` are names with blanks between them."""

    table: str
    columns: str
    query: str


async def copied(making: AsyncConnection, filling: AsyncConnection, step: Copied, query: str) -> None:
    """Fill a table with the rows of ``query``, which ``making`` executes."""
    chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_CHUNKS)
    source, target = await _driver(making), await _driver(filling)

    async def make() -> None:
        try:
            await source.copy_from_query(query, output=chunks.put, timeout=_PATIENCE_SECONDS)
        finally:
            await chunks.put(None)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(make())
        tasks.create_task(
            target.copy_to_table(
                step.table, columns=step.columns.split(), source=_until_none(chunks), timeout=_PATIENCE_SECONDS
            )
        )


async def _until_none(chunks: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (chunk := await chunks.get()) is not None:
        yield chunk


async def _driver(connection: AsyncConnection) -> Any:
    """Return asyncpg's connection, in the transaction of ``connection``."""
    return (await connection.get_raw_connection()).driver_connection
