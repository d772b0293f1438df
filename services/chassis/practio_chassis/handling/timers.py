"""Turns due timers into internal commands: each fires once, at or after its time, after downtime too."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, delete, func, select, update

from practio_chassis.context import MessageContext
from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.transaction import Transaction
from practio_chassis.telemetry.log import logger
from practio_chassis.telemetry.metrics import SET_ASIDE
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.message import InternalCommand

_MOST = 200
_KNOWN = sorted(key for key, message in CATALOGUE.items() if issubclass(message, InternalCommand))

_log = logger(__name__)


class Timers:
    """Fires due timers; several instances share them without conflicts (``SKIP LOCKED``).

    A timer that this release cannot send is kept for one that can: the command of a later release is left alone, one
    with unreadable data is set aside with the reason.
    """

    def __init__(self, *, tables: ChassisTables, transaction: Transaction) -> None:
        self._timer = tables.timer
        self._transaction = transaction

    async def fire(self) -> int:
        """Publish the commands of the due timers, at most 200, and return their number."""
        async with self._transaction.background() as context:
            rows = await self._due(context)
            fired = [row.key for row in rows if _send(context, row)]
            await context.session.execute(delete(self._timer).where(one_of(self._timer.c.key, fired)))
            await self._set_aside(context, [row.key for row in rows if row.key not in set(fired)])
        return len(fired)

    async def try_again(self) -> None:
        """Take up the timers that an earlier process set aside: this release may know more."""
        async with self._transaction.background() as context:
            set_aside = self._timer.c.set_aside
            await context.session.execute(update(self._timer).where(set_aside.is_not(None)).values(set_aside=None))

    async def count_set_aside(self, context: MessageContext[Any]) -> None:
        """Set the gauge of timers that are due and cannot be sent."""
        unsendable = self._timer.c.set_aside.is_not(None) | ~one_of(self._timer.c.routing_key, _KNOWN)
        due = self._timer.c.due_at <= context.now
        number = await context.session.scalar(select(func.count()).select_from(self._timer).where(due, unsendable))
        SET_ASIDE.labels("timer").set(number or 0)

    async def _due(self, context: MessageContext[None]) -> list[Row[Any]]:
        timer = self._timer
        now = select(func.clock_timestamp()).scalar_subquery()  # read once: compared row by row, it would use no index
        due = timer.c.due_at <= now
        takes = due & timer.c.set_aside.is_(None) & one_of(timer.c.routing_key, _KNOWN)
        statement = select(timer).where(takes).order_by(timer.c.due_at).limit(_MOST).with_for_update(skip_locked=True)
        return list((await context.session.execute(statement)).all())

    async def _set_aside(self, context: MessageContext[None], keys: list[str]) -> None:
        if keys:
            set_aside = update(self._timer).where(one_of(self._timer.c.key, keys))
            await context.session.execute(set_aside.values(set_aside="unreadable"))
            _log.error("timers set aside: their commands cannot be read", timers=len(keys))


def _send(context: MessageContext[None], row: Row[Any]) -> bool:
    """Send a timer's command; return whether it could be read."""
    message = CATALOGUE[row.routing_key]
    assert issubclass(message, InternalCommand)
    try:
        command = message.model_validate(row.data)
    except ValidationError:
        return False
    context.send_internal(command, subject=row.key, correlationid=row.correlationid)
    return True
