"""How many messages wait in the outbox, for how long, and how many are set aside."""

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.context import MessageContext
from practio_chassis.database.tables import ChassisTables
from practio_chassis.telemetry.metrics import OUTBOX_AGE, OUTBOX_ROWS, SET_ASIDE


async def count_outbox(context: MessageContext[Any], tables: ChassisTables) -> None:
    """Set the gauges of the outbox; counted apart from the relay, which the broker may block."""
    age = func.extract("epoch", func.clock_timestamp() - func.min(tables.outbox.c.said_at))
    rows, oldest = (await context.session.execute(select(func.count(), age).select_from(tables.outbox))).one()
    OUTBOX_ROWS.set(rows)
    OUTBOX_AGE.set(float(oldest or 0.0))
    set_aside = select(func.count()).select_from(tables.outbox_set_aside)
    SET_ASIDE.labels("outbox").set(await context.session.scalar(set_aside) or 0)


async def oldest_age(pool: AsyncEngine, tables: ChassisTables) -> float:
    """Return the age in seconds of the oldest row not yet published; 0 without rows."""
    oldest = select(func.min(tables.outbox.c.said_at)).scalar_subquery()
    age = select(func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), text("0")))
    async with pool.connect() as session:
        return float(await session.scalar(age) or 0)
