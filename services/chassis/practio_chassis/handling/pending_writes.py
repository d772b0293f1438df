"""The rows that a transaction writes at its end: one statement per table, however many messages it handled."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, func, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Timer
from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.envelopes import OutboxRow

_NOTIFY = text("SELECT pg_notify(:channel, '')")


@dataclass(slots=True)
class PendingWrites:
    """The rows of all messages of a batch; ``latest`` is by source and subject.

    ``numbered_from`` is added to the sequence of each event.
    """

    outbox: list[OutboxRow] = field(default_factory=list)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    timers: dict[str, tuple[Timer | None, str | None]] = field(default_factory=dict)
    rows: dict[Table, list[Any]] = field(default_factory=dict)
    latest: dict[tuple[str, str], int] = field(default_factory=dict)
    sequence_offset: int = 0

    async def write(self, session: AsyncSession, frame: ChassisTables, *, channel: str) -> None:
        """Flush the handlers' changes, insert the rest, and notify listeners on the channel ``wakes``."""
        await session.flush()
        for table, rows in self.rows.items():
            await session.execute(insert(table), rows)
        if self.timers:
            await self._write_timers(session, frame.timer)
        if self.latest:
            await self._write_latest(session, frame.latest)
        if self.inbox:
            await session.execute(insert(frame.inbox), self.inbox)
        if self.outbox:
            await session.execute(insert(frame.outbox), self.outbox)
            await session.execute(_NOTIFY, {"channel": channel})

    async def _write_timers(self, session: AsyncSession, timer: Table) -> None:
        wanted = [_timer_row(each, correlation) for each, correlation in self.timers.values() if each]
        cleared = [key for key, (each, _) in self.timers.items() if each is None]
        if cleared:
            await session.execute(timer.delete().where(one_of(timer.c.key, cleared)))
        if wanted:
            put = upsert(timer)
            changed = {name: put.excluded[name] for name in ("due_at", "routing_key", "data", "correlationid")}
            await session.execute(put.on_conflict_do_update(index_elements=["key"], set_=changed), wanted)

    async def _write_latest(self, session: AsyncSession, latest: Table) -> None:
        put = upsert(latest)
        higher = func.greatest(latest.c.sequence, put.excluded.sequence)
        rows = [
            {"source": source, "subject": subject, "sequence": sequence}
            for (source, subject), sequence in sorted(self.latest.items())
        ]
        keys = ["source", "subject"]
        await session.execute(put.on_conflict_do_update(index_elements=keys, set_={"sequence": higher}), rows)


def _timer_row(timer: Timer, correlation: str | None) -> dict[str, Any]:
    return {
        "key": timer.key,
        "due_at": timer.due_at,
        "routing_key": timer.command.routing_key,
        "data": timer.command.model_dump(mode="json"),
        "correlationid": correlation,
    }
