"""Data that has served its time: removed in small chunks, by one copy of a service at a time.

A chunk is a transaction of its own, so that no lock is held for long; between chunks there is a pause, so that people's
messages come first.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    TextClause,
    any_,
    delete,
    func,
    literal_column,
    select,
    update,
)

from practio_chassis.context import MessageContext
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.periodic import Periodic, leads
from practio_chassis.service import Running
from practio_chassis.settings import Settings
from practio_chassis.telemetry.log import logger

CHUNK = 1_000
"""Rows a transaction: less than half a second, on a table of a million letters."""

_RETRIED_KEPT_DAYS = 7
"""Much longer than the retry tiers: a command that was overtaken may wait for a service that is down."""

EVERY_SECONDS = 3_600.0
PAUSE_SECONDS = 0.2

_CTID: ColumnElement[Any] = literal_column("ctid")
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Rows of a table that are kept for ``days`` after the instant ``since``, a column or expression with an index.

    A table that is empty on a good day needs none. ``only`` is the condition of that index. Old rows are deleted; with
    ``emptied``, they stay, with these values.
    """

    table: Table
    since: ColumnElement[Any]
    days: int
    only: Sequence[ColumnElement[bool] | TextClause] = ()
    emptied: Mapping[str, Any] | None = None


def chassis_retentions(tables: ChassisTables, settings: Settings) -> Sequence[Retention]:
    """Return how long handled messages are known, silent subjects, and what was retried or handled alone, in vain."""
    inbox, retried, alone = tables.inbox, tables.retried, tables.handled_alone
    numbers = (tables.latest, tables.latest_by_account)
    return (
        Retention(table=inbox, since=inbox.c.taken_at, days=settings.inbox_kept_days),
        Retention(table=retried, since=retried.c.failed_at, days=_RETRIED_KEPT_DAYS),
        Retention(table=alone, since=alone.c.begun_at, days=1),
        *(Retention(table=table, since=table.c.seen_on, days=settings.sequences_kept_days) for table in numbers),
    )


async def forget_chunk(
    context: MessageContext[Any], name: str, retentions: Sequence[Retention], *, chunk: int = CHUNK
) -> int:
    """Remove at most ``chunk`` old rows of the first table that has any; return how many, 0 if another copy does."""
    if not await leads(context, f"{name} retention"):
        return 0
    for each in retentions:
        if removed := await _remove(context, each, chunk):
            _log.info("forgotten", table=each.table.name, rows=removed, emptied=each.emptied is not None)
            return removed
    return 0


async def _remove(context: MessageContext[Any], retention: Retention, chunk: int) -> int:
    """Rows are found by their place on disk (``ctid``): locked, they do not move until the transaction ends."""
    table, ends = retention.table, context.now - timedelta(days=retention.days)
    old = (
        select(_CTID)
        .select_from(table)
        .where(*retention.only, retention.since < ends)
        .order_by(retention.since)
        .limit(chunk)
        .with_for_update(skip_locked=True)
    )
    which = _CTID.bool_op("=")(any_(func.array(old.correlate(None).scalar_subquery())))
    statement = delete(table) if retention.emptied is None else update(table).values(retention.emptied)
    result = await context.session.execute(statement.where(which))
    return cast(CursorResult[Any], result).rowcount


def retention(name: str, retentions: Callable[[Any], Sequence[Retention]]) -> Periodic:
    """Return the work of forgetting: each hour, chunk by chunk, by one copy of a service; by its settings."""

    async def once(running: Running) -> bool:
        async with running.transaction() as context:
            removed = await forget_chunk(context, name, retentions(running.settings))
        if removed:
            await asyncio.sleep(PAUSE_SECONDS)
        return removed > 0

    return Periodic(name=f"{name} retention", every=EVERY_SECONDS, once=once)
