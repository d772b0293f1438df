"""Turns due timers into internal commands: each fires once, at or after its time, after downtime too."""

import asyncio

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.transaction import Transaction
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.message import InternalCommand

_log = logger(__name__)
_POLL = 1.0
_MOST = 200


class Timers:
    """Looks every second for due timers; several instances share them without conflicts (``SKIP LOCKED``)."""

    def __init__(self, *, frame: ChassisTables, transaction: Transaction) -> None:
        self._timer = frame.timer
        self._transaction = transaction

    async def run(self) -> None:
        """Fire due timers until cancelled."""
        while True:
            try:
                fired = await self.fire()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("timers wait", **failure(error))
                fired = 0
            if fired < _MOST:
                await asyncio.sleep(_POLL)

    async def fire(self) -> int:
        """Publish the commands of the due timers, at most 200, and return their number."""
        due = (
            select(self._timer.c.key)
            .where(self._timer.c.due_at <= func.clock_timestamp())
            .order_by(self._timer.c.due_at)
            .limit(_MOST)
            .with_for_update(skip_locked=True)
        )
        async with self._transaction.background() as context:
            taken = await context.session.execute(
                delete(self._timer).where(self._timer.c.key.in_(due)).returning(self._timer)
            )
            rows = taken.all()
            for row in rows:
                command = CATALOGUE[row.routing_key].model_validate(row.data)
                assert isinstance(command, InternalCommand)
                context.send_internal(command, subject=row.key, correlationid=row.correlationid)
        return len(rows)


async def forget_old(frame: ChassisTables, sessions: async_sessionmaker[AsyncSession], *, days: int) -> None:
    """Delete, every hour until cancelled, inbox rows that are older than ``days``."""
    old = frame.inbox.c.taken_at < func.now() - func.make_interval(0, 0, 0, days)
    while True:
        try:
            async with sessions.begin() as session:
                await session.execute(delete(frame.inbox).where(old))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("old messages are not forgotten yet", **failure(error))
        await asyncio.sleep(3_600)
