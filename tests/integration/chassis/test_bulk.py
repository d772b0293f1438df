"""Rows that are written together: as they are, in their order, in one statement."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.stack.databases import migrated_database
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_chassis.database.bulk import insert_rows, update_rows
from practio_chassis.database.engine import session_maker
from practio_rooms.app import SERVICE as ROOMS

_METADATA = MetaData()
_THING = Table(
    "thing",
    _METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid),
    Column("texts", ARRAY(Text)),
    Column("ids", ARRAY(Uuid)),
    Column("data", JSONB),
    Column("data_or_null", JSONB(none_as_null=True)),
    Column("bytes", LargeBinary),
    Column("at", DateTime(timezone=True)),
    Column("count", Integer),
)
_ODD = ["", " ", "NULL", "null", "a,b", "{a}", '"', "\\", '\\"', "\n", "élan", "𝔸"]


def _row(number: int) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "texts": _ODD[: number % (len(_ODD) + 1)],
        "ids": [UUID(int=number), UUID(int=1)],
        "data": {"text": _ODD, "numbers": [1, 2.5, None]},
        "data_or_null": {"a": 1},
        "bytes": bytes(range(256)),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "count": number,
    }


def _empty(number: int) -> dict[str, Any]:
    return dict.fromkeys(_row(number)) | {"id": UUID(int=number)}


@pytest_asyncio.fixture
async def session(servers: Servers) -> AsyncIterator[AsyncSession]:
    """Yield a session on a database with the table of these tests."""
    async with migrated_database(servers, ROOMS) as url:
        pool = engine.engine(url, service=ROOMS.name)
        async with pool.begin() as connection:
            await connection.run_sync(_METADATA.create_all)
        async with session_maker(pool).begin() as found:
            yield found
        await pool.dispose()


async def _kept(session: AsyncSession) -> list[dict[str, Any]]:
    rows = await session.execute(select(_THING).order_by(_THING.c.number))
    return [{name: value for name, value in row.items() if name != "number"} for row in rows.mappings()]


async def test_rows_are_kept_as_they_are_and_numbered_in_their_order(session: AsyncSession) -> None:
    rows = [*map(_row, range(300)), *map(_empty, range(300, 310))]
    await insert_rows(session, _THING, rows)
    assert await _kept(session) == rows


async def test_each_row_gets_its_own_values_and_no_other_row_changes(session: AsyncSession) -> None:
    rows = [_row(number) for number in range(20)]
    await insert_rows(session, _THING, rows)
    changed = [row | {"texts": ["new"], "data": {"new": row["count"]}, "at": None} for row in rows[5:15]]
    await update_rows(session, _THING, changed[::-1], key="id")
    assert await _kept(session) == [*rows[:5], *changed, *rows[15:]]


async def test_no_rows_need_no_statement(session: AsyncSession) -> None:
    await insert_rows(session, _THING, [])
    await update_rows(session, _THING, [], key="id")
    assert await _kept(session) == []
