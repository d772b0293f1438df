"""Readiness tells which alarm RabbitMQ has."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import aiormq
import pytest
from pamqp.commands import Connection as Frames
from yarl import URL

from practio_chassis.broker import blocking
from practio_chassis.broker.alarms import alarm_of, install_alarm_reasons


@pytest.fixture
async def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a connection of the client library, as it is before it has connected."""
    monkeypatch.setattr(blocking, "AT_ONCE_SECONDS", 0.001)
    install_alarm_reasons()
    below, connected = aiormq.Connection(URL("amqp://nowhere")), asyncio.Event()
    below.connected.set()
    connected.set()
    transport = SimpleNamespace(connection=below, ready=below.ready)
    return cast(Any, SimpleNamespace(transport=transport, connected=connected))


async def arrives(connection: Any, frame: object) -> None:
    """Let a frame of the broker arrive on a connection."""
    name = "blocked" if isinstance(frame, Frames.Blocked) else "unblocked"
    await getattr(connection.transport.connection, f"_Connection__handle_connection_{name}")(frame)


async def test_what_the_broker_says_of_its_alarm_is_shown_as_long_as_it_lasts(connection: Any) -> None:
    await arrives(connection, Frames.Unblocked())
    assert await alarm_of(connection) is None
    for reason in ("low on memory", "low on disk"):
        await arrives(connection, Frames.Blocked(reason=reason))
        assert await alarm_of(connection) == f"RabbitMQ lets nobody publish: {reason}"
        await arrives(connection, Frames.Unblocked())
        assert await alarm_of(connection) is None


async def test_a_lost_connection_has_no_alarm(connection: Any) -> None:
    await arrives(connection, Frames.Blocked(reason="low on disk"))
    connection.connected.clear()
    assert await alarm_of(connection) is None
