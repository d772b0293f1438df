"""Turns due timers into internal commands: each fires once, at or after its time, after downtime too."""

from collections.abc import Iterable
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
_MOST_NAMED = 1_000
"""How many timers a process remembers to have named in its log."""

_UNREADABLE, _UNKNOWN = "unreadable", "unknown command"
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
        self._named: dict[str, None] = {}

    async def fire(self) -> int:
        """Publish the commands of the due timers, at most 200, and return their number."""
        async with self._transaction.background() as context:
            rows = await self._due(context)
            fired = [row.key for row in rows if _send(context, row)]
            await context.session.execute(delete(self._timer).where(one_of(self._timer.c.key, fired)))
            await self._set_aside(context, [row for row in rows if row.key not in set(fired)])
        return len(fired)

    async def try_again(self) -> None:
        """Take up the timers that were set aside: this release may know more than the one that did it."""
        async with self._transaction.background() as context:
            set_aside = self._timer.c.set_aside
            await context.session.execute(update(self._timer).where(set_aside.is_not(None)).values(set_aside=None))

    async def look_for_unsendable(self, context: MessageContext[Any]) -> None:
        """Set the gauge of timers that are due and cannot be sent, and name the oldest of them in the log."""
        timer = self._timer
        unsendable = timer.c.set_aside.is_not(None) | ~one_of(timer.c.routing_key, _KNOWN)
        found = (timer.c.due_at <= context.now) & unsendable
        number = await context.session.scalar(select(func.count()).select_from(timer).where(found))
        SET_ASIDE.labels("timer").set(number or 0)
        if number:
            oldest = select(timer.c.key, timer.c.routing_key).where(found).order_by(timer.c.due_at).limit(_MOST)
            self._name((key, routing_key) for key, routing_key in await context.session.execute(oldest))

    async def _due(self, context: MessageContext[None]) -> list[Row[Any]]:
        timer = self._timer
        now = select(func.clock_timestamp()).scalar_subquery()  # read once: compared row by row, it would use no index
        due = timer.c.due_at <= now
        takes = due & timer.c.set_aside.is_(None) & one_of(timer.c.routing_key, _KNOWN)
        statement = select(timer).where(takes).order_by(timer.c.due_at).limit(_MOST).with_for_update(skip_locked=True)
        return list((await context.session.execute(statement)).all())

    async def _set_aside(self, context: MessageContext[None], rows: list[Row[Any]]) -> None:
        if rows:
            set_aside = update(self._timer).where(one_of(self._timer.c.key, [row.key for row in rows]))
            await context.session.execute(set_aside.values(set_aside=_UNREADABLE))
            self._name((row.key, row.routing_key) for row in rows)

    def _name(self, timers: Iterable[tuple[str, str]]) -> None:
        """Log the keys and commands of timers, each once: those that cannot be sent stay, and are looked at again."""
        for key, routing_key in timers:
            if key in self._named:
                continue
            self._named[key] = None
            reason = _UNREADABLE if routing_key in _KNOWN else _UNKNOWN
            _log.error("timer cannot be sent", timer=key, routing_key=routing_key, reason=reason)
        while len(self._named) > _MOST_NAMED:
            del self._named[next(iter(self._named))]


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
