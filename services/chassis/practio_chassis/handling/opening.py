"""The first statement of a batch: its instant, what was handled before, and the lock against erasures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Admitted, Key
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling import erasing
from practio_chassis.handling.inbox import answers_in, keys_of, stored_answers


class Opening(NamedTuple):
    """What every batch begins with: the database's time, whether any command is being retried, stored answers."""

    now: datetime
    any_retried: bool
    answers: Mapping[Key, bytes | None]


async def open_batch(
    session: AsyncSession, tables: ChassisTables, batch: Sequence[Admitted], *, service: str
) -> Opening:
    """Exclude erasures until the transaction ends, or all other batches if this one erases; return its beginning.

    It is one statement, the first of a batch: what it waits for is visible to those that follow. An answer that
    another instance stores meanwhile is met at the inbox's key.
    """
    statement = _opening(tables, service, alone=erasing.changes_erasures(batch))
    rows = (await session.execute(statement, keys_of(batch))).all()
    first = rows[0]
    return Opening(first.now, first.any_retried, answers_in([row for row in rows if row.id is not None], batch))


@lru_cache(maxsize=20)
def _opening(tables: ChassisTables, service: str, *, alone: bool) -> Select[Any]:
    stored = stored_answers(tables.inbox).subquery("stored")
    one = select(literal(1)).subquery("one")
    return select(
        func.clock_timestamp().label("now"),
        select(tables.retried.c.id).exists().label("any_retried"),
        erasing.lock(service, alone=alone),
        stored,
    ).select_from(one.outerjoin(stored, true()))
