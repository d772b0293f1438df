"""What RabbitMQ says of its alarm to a connection that it blocks: that it is low on memory, or on disk.

aiormq writes this to the log and forgets it. ``tests/unit/chassis/test_alarms.py`` fails if a release of aiormq has no
such handler any more.
"""

from weakref import WeakKeyDictionary

import aiormq
from aio_pika.abc import AbstractRobustConnection
from aiormq.abc import AbstractConnection
from pamqp.commands import Connection as Frames

from practio_chassis.broker.blocking import is_blocked

FAULT = "alarm"
"""The name under which readiness tells of an alarm."""

_REASONS: WeakKeyDictionary[AbstractConnection, str] = WeakKeyDictionary()

_note_blocked = aiormq.Connection._Connection__handle_connection_blocked  # type: ignore[attr-defined]


def install_alarm_reasons() -> None:
    """Let the connections of this process keep why RabbitMQ blocked them last."""
    aiormq.Connection._Connection__handle_connection_blocked = _keep_reason  # type: ignore[attr-defined]


async def alarm_of(connection: AbstractRobustConnection) -> str | None:
    """Return which alarm blocks a connection, in a sentence; None if none does."""
    if not await is_blocked(connection) or connection.transport is None:
        return None
    reason = _REASONS.get(connection.transport.connection)
    return f"RabbitMQ lets nobody publish: {reason or 'its memory or its disk is used up'}"


async def _keep_reason(connection: AbstractConnection, frame: Frames.Blocked) -> None:
    _REASONS[connection] = frame.reason
    await _note_blocked(connection, frame)
