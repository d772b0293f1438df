"""How many messages wait in the outbox, for how long, and how many are set aside.

After an hour without a broker the outbox has a million rows, and each probe of readiness asks for its age. So neither
reads it as a whole: ids rise with time, and the row with the lowest one is the oldest, but for the seconds that a
transaction takes; of many rows, the later ones are counted by their ids, which have few gaps.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.context import MessageContext
from practio_chassis.database.tables import ChassisTables
from practio_chassis.telemetry.metrics import OUTBOX_AGE, OUTBOX_ROWS, SET_ASIDE

COUNTED = 10_000
"""How many rows are counted; of those after them, the ids."""


async def count_outbox(context: MessageContext[Any], tables: ChassisTables) -> None:
    """Set the gauges of the outbox; counted apart from the relay, which the broker may block."""
    outbox = tables.outbox
    first = select(outbox.c.id).order_by(outbox.c.id).limit(COUNTED).subquery()
    newest = select(func.max(outbox.c.id)).scalar_subquery()
    counted = select(func.count(), newest - func.max(first.c.id), _age(outbox)).select_from(first)
    rows, later, oldest = (await context.session.execute(counted)).one()
    OUTBOX_ROWS.set(rows + later if rows == COUNTED else rows)
    OUTBOX_AGE.set(float(oldest))
    set_aside = select(func.count()).select_from(tables.outbox_set_aside)
    SET_ASIDE.labels("outbox").set(await context.session.scalar(set_aside) or 0)


async def oldest_age(pool: AsyncEngine, tables: ChassisTables) -> float:
    """Return the age in seconds of the oldest row not yet published; 0 without rows."""
    async with pool.connect() as session:
        return float(await session.scalar(select(_age(tables.outbox))) or 0)


def _age(outbox: Table) -> ColumnElement[Any]:
    oldest = select(outbox.c.said_at).order_by(outbox.c.id).limit(1).scalar_subquery()
    return func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), text("0"))
