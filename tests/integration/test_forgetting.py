"""Each rule of retention forgets rows that are a day older than it says, and keeps those that are a day younger.

The walk takes all rules of all services: a new one is tried at once, by rows that are made from its table's columns.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, LargeBinary, Row, Text, Uuid, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine
from tests.support.stack.databases import migrated_database
from tests.support.stack.retention import SERVICES, rules_of
from tests.support.stack.servers import Servers

from practio_chassis.database import engine
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.retention import Retention, forget_chunk
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Service
from practio_notifications.tables import CAUSE_DATA

NEEDED: Mapping[str, Mapping[str, Any]] = {
    "membership": {"status": "withdrawn"},
    "letter": {"status": "sent"},
    "lot": {"kind": "attended"},
}
"""What a row needs to come under a rule of its table, or to be allowed, beside its time."""

EMPTIED: Mapping[str, Mapping[str, Any]] = {
    "membership": {"reason": "moved away", "message": "Hello", "answers": {"why": "to learn"}},
    "history": {"reason": "moved away"},
    "letter": {CAUSE_DATA: {"any": "data"}},
}
"""What a row has that a rule empties."""


@dataclass(frozen=True)
class Made:
    """A row that was made for a rule; ``key`` are the values of its primary key."""

    rule: Retention
    key: Mapping[str, Any]
    is_old: bool

    def __str__(self) -> str:
        age = "older" if self.is_old else "younger"
        return f"{self.rule.table.name}, {age} than {self.rule.days} days, by {self.rule.since}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_rows_older_than_a_rule_says_are_forgotten_and_younger_ones_stay(
    servers: Servers, service: Service
) -> None:
    rules = rules_of(service)
    async with filled(servers, service) as pool:
        async with pool.begin() as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys, triggers
            made = [await _made(connection, rule, is_old=is_old) for rule in rules for is_old in (True, False)]
            before = [await _found(connection, each) for each in made]
        transaction = Transaction(service, session_maker(pool))
        removed = -1
        while removed:
            async with transaction.background() as context:
                removed = await forget_chunk(context, service.name, rules)
        async with pool.connect() as connection:
            after = [await _found(connection, each) for each in made]
    wrong = [str(each) for each, then, now in zip(made, before, after, strict=True) if not _is_right(each, then, now)]
    assert wrong == []


@asynccontextmanager
async def filled(servers: Servers, service: Service) -> AsyncIterator[AsyncEngine]:
    async with migrated_database(servers, service) as url:
        pool = engine.engine(url, service=service.name)
        yield pool
        await pool.dispose()


async def _made(connection: AsyncConnection, rule: Retention, *, is_old: bool) -> Made:
    """Insert a row that comes under a rule, a day older or younger than it keeps rows."""
    table = rule.table
    at = datetime.now(UTC) - timedelta(days=rule.days + (1 if is_old else -1))
    named = {column.name for column in visitors.iterate(rule.since) if isinstance(column, Column)}
    values: dict[str, Any] = {
        column.name: _any_value(column.type) for column in table.columns if _must_be_given(column)
    }
    values |= {name: _as(table.c[name].type, at) for name in named}
    values |= NEEDED.get(table.name, {})
    values |= EMPTIED[table.name] if rule.emptied else {}
    if "starts_at" in table.c and "starts_at" not in named:
        values["starts_at"] = at - timedelta(hours=1)
    by_name = {column.name: column for column in table.columns}
    put = insert(table).values({by_name[name]: value for name, value in values.items()})
    key = (await connection.execute(put.returning(*table.primary_key))).one()
    return Made(rule, dict(zip([column.name for column in table.primary_key], key, strict=True)), is_old)


def _must_be_given(column: Column[Any]) -> bool:
    is_made = column.identity is not None or column.computed is not None or column.server_default is not None
    return not (column.nullable or is_made)


def _as(kind: TypeEngine[Any], at: datetime) -> datetime | date:
    return at.date() if isinstance(kind, Date) else at


def _any_value(kind: TypeEngine[Any]) -> Any:
    match kind:
        case ARRAY():
            return []
        case Uuid():
            return uuid4()
        case Text():
            return str(uuid4())
        case DateTime() | Date():
            return _as(kind, datetime.now(UTC))
        case Boolean():
            return False
        case JSONB():
            return {}
        case LargeBinary():
            return b""
        case _:
            return 1


async def _found(connection: AsyncConnection, made: Made) -> Row[Any] | None:
    table = made.rule.table
    which = (table.c[name] == value for name, value in made.key.items())
    return (await connection.execute(select(table).where(*which))).one_or_none()


def _is_right(made: Made, before: Row[Any] | None, after: Row[Any] | None) -> bool:
    """Return whether a row is as its rule says: a young one as it was, an old one gone or emptied."""
    assert before is not None
    emptied = made.rule.emptied
    if not made.is_old:
        return after == before
    if emptied is None:
        return after is None
    return after is not None and dict(after._mapping) == dict(before._mapping) | dict(emptied)
