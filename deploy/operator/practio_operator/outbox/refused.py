"""Messages that services set aside, since the broker refuses them: read, put back into the outbox, and dropped."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

_FOUND = """
    SELECT id, message_id, routing_key, subject, reason, set_aside_at,
        greatest(length(internal), length(public)) AS size
    FROM {schema}.outbox_set_aside ORDER BY id
"""

_DROPPED = "DELETE FROM {schema}.outbox_set_aside WHERE id = ANY($1)"

# Its new id is above all others: whatever waits already is published before.
_PUT_BACK = """
    WITH back AS (DELETE FROM {schema}.outbox_set_aside WHERE id = ANY($1) RETURNING *)
    INSERT INTO {schema}.outbox (message_id, routing_key, subject, internal, public)
    SELECT message_id, routing_key, subject, internal, public FROM back ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that the broker refuses; ``number`` is its place among those of its service, ``size`` is in bytes."""

    service: str
    number: int
    message_id: str
    routing_key: str
    subject: str
    reason: str
    set_aside_at: datetime
    size: int


async def refused_messages(target: ProvisionTarget) -> list[RefusedMessage]:
    """Return what all services set aside, oldest first. Raise OperatorError without a database."""
    async with administering(target) as connection:
        return [each for service in SERVICES for each in await _of(connection, service)]


async def put_back(target: ProvisionTarget, messages: Sequence[RefusedMessage]) -> None:
    """Put messages back into the outboxes of their services, after all others. Raise OperatorError."""
    await _change(target, messages, lambda service: _PUT_BACK.format(schema=service))


async def drop(target: ProvisionTarget, messages: Sequence[RefusedMessage]) -> None:
    """Delete messages for good. Raise OperatorError."""
    await _change(target, messages, lambda service: _DROPPED.format(schema=service))


def chosen(found: Sequence[RefusedMessage], ids: Collection[str]) -> list[RefusedMessage]:
    """Return the messages with these ids."""
    return [each for each in found if each.message_id in ids]


async def _of(connection: asyncpg.Connection, service: str) -> list[RefusedMessage]:
    """Return what a service set aside; nothing if its schema is not migrated yet."""
    if not await connection.fetchval("SELECT to_regclass($1)", f"{service}.outbox_set_aside"):
        return []
    rows = await connection.fetch(_FOUND.format(schema=service))
    return [RefusedMessage(service, *(row[name] for name in _COLUMNS)) for row in rows]


_COLUMNS = ("id", "message_id", "routing_key", "subject", "reason", "set_aside_at", "size")


async def _change(target: ProvisionTarget, messages: Sequence[RefusedMessage], statement: Callable[[str], str]) -> None:
    async with administering(target) as connection, connection.transaction():
        for service in sorted({each.service for each in messages}):
            numbers = [each.number for each in messages if each.service == service]
            await connection.execute(statement(service), numbers)
