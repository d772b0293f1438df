"""The rows that a transaction writes at its end: one statement, however many messages it handled."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Key, MessageContext, ReceivedMessage, Timer
from practio_chassis.database.bulk import Write, deletion, insertion, taking, upsertion, write_together
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.envelopes import OutboxRow, outbox_row
from practio_chassis.handling.sequences import Subject, newest
from practio_contracts.message import Message

_CHANGED = ("due_at", "routing_key", "data", "correlationid", "set_aside")
"""The columns of a timer that is set again."""


@dataclass(slots=True)
class PendingWrites:
    """The rows of all messages of a batch; ``sequence_offset`` is added to the sequence of each event."""

    service: str
    sequence_offset: int = 0
    outbox: list[OutboxRow] = field(default_factory=list)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    timers: dict[str, tuple[Timer | None, str | None]] = field(default_factory=dict)
    rows: dict[Table, list[Any]] = field(default_factory=dict)
    latest: dict[Subject, int] = field(default_factory=dict)

    def add(self, context: MessageContext[Any], cause: ReceivedMessage[Message] | None) -> None:
        """Add what a handler published, timed and recorded; ``cause`` is the message that it handled."""
        for outgoing in context.outgoing:
            row = outbox_row(
                outgoing,
                service=self.service,
                now=context.now,
                cause=cause,
                traceparent=outgoing.traceparent or context.traceparent,
                sequence_offset=self.sequence_offset,
            )
            self.outbox.append(row)
        correlation = (cause.envelope.correlationid or str(cause.envelope.id)) if cause else None
        for key, timer in context.timers.items():
            self.timers[key] = (timer, correlation)
        for table, values in context.rows:
            self.rows.setdefault(table, []).append(values)

    def add_answer(self, key: Key, answer: bytes | None, *, about: UUID | None) -> None:
        """Add a message to the inbox with its answer; one without a usable id cannot be recognised again.

        ``about`` is the person whom the answer is about: erasure deletes it.
        """
        account, source, identity = key
        if identity:
            row = {"account": account, "source": source, "id": identity, "answer": answer, "about": about}
            self.inbox.append(row)

    async def write(self, session: AsyncSession, tables: ChassisTables) -> None:
        """Flush the handlers' changes, insert the rest, and wake the relay."""
        await session.flush()
        writes = [write for table, rows in self.rows.items() for write in insertion(table, rows)]
        writes += self._timers(tables.timer)
        writes += newest(tables, self.latest)
        writes += insertion(tables.inbox, self.inbox)
        writes += insertion(tables.outbox, self.outbox)
        await write_together(session, writes, notify=f"{self.service}_outbox" if self.outbox else None)

    def _timers(self, timer: Table) -> list[Write]:
        set_ones = [_timer_row(each, correlation) for each, correlation in self.timers.values() if each]
        cleared = [key for key, (each, _) in self.timers.items() if each is None]
        return [
            *deletion(timer, "key", cleared),
            *upsertion(timer, set_ones, key=["key"], change=taking(*_CHANGED)),
        ]


def _timer_row(timer: Timer, correlation: str | None) -> dict[str, Any]:
    return {
        "key": timer.key,
        "due_at": timer.due_at,
        "routing_key": timer.command.routing_key,
        "data": timer.command.model_dump(mode="json"),
        "correlationid": correlation,
        "set_aside": None,
    }
