"""A hook looks after its queue: it ends when it is stopped, and stands aside for another process."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.tools import CallbackCollection
from tests.support.eventually import eventually
from tests.unit.gateway.test_delivering import a_hook

from practio_contracts import connection
from practio_gateway.hooks import consuming
from practio_gateway.hooks.consuming import RunningHook


class Channel:
    """A channel of no broker; ``readers`` are what it says of each queue that is asked for."""

    def __init__(self, *readers: int) -> None:
        self.is_closed = False
        self.close_callbacks = CallbackCollection[Any, Any](self)
        self.on_consumer_cancel_callbacks = set[Any]()
        self.is_consumed = False
        self._readers: Iterator[int] = iter(readers)

    async def get_underlay_channel(self) -> "Channel":
        """Return itself."""
        return self

    async def get_queue(self, *_: object, **__: object) -> "Channel":
        """Return itself as a queue."""
        return self

    async def set_qos(self, **_: object) -> None:
        """Accept what it is."""

    async def consume(self, _take: object) -> None:
        """Read from now on."""
        self.is_consumed = True

    async def declare_queue(self, *_: object, **__: object) -> Any:
        """Return how many read the queue."""

        class Found:
            consumer_count = next(self._readers)
            declaration_result: Any

        Found.declaration_result = Found
        return Found

    async def close(self) -> None:
        """Close it."""
        self.is_closed = True
        self.close_callbacks()


class Lost(Channel):
    """A channel that is lost as soon as it is read."""

    async def consume(self, _take: object) -> None:
        """Lose it."""
        await self.close()


class Connection:
    """A connection to no broker."""

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def channel(self, **_: object) -> Channel:
        """Return a channel that is lost as soon as it is used."""
        return Lost(0, 1)


async def test_a_hook_stops_while_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0

    async def connect(*_: object) -> Connection:
        nonlocal tried
        tried += 1
        if tried > 1:
            raise ConnectionRefusedError
        return Connection()

    monkeypatch.setattr(connection, "_connect", connect)
    hook = RunningHook(a_hook())
    running = asyncio.create_task(hook.run())
    await eventually(lambda: tried > 1)
    hook.stop()
    await eventually(running.done)
    assert hook.fault == "stopped"


async def test_a_hook_whose_queue_was_deleted_notices() -> None:
    hook, channel = RunningHook(a_hook()), Channel(0, 1)
    reading = asyncio.create_task(hook._read(cast(AbstractChannel, channel)))
    await eventually(lambda: channel.is_consumed and hook.fault == "")
    for cancelled in channel.on_consumer_cancel_callbacks:
        cancelled(None)
    await eventually(reading.done)
    assert (channel.is_closed, hook.fault) == (True, "the connection was lost")


async def test_a_hook_that_is_not_alone_reads_no_more_while_it_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "_PAUSE_SECONDS", 1e9)
    hook, channel = RunningHook(a_hook()), Channel(0, 2)
    reading = asyncio.create_task(hook._read(cast(AbstractChannel, channel)))
    await eventually(lambda: hook.fault == "another process reads the queue")
    await eventually(lambda: channel.is_closed)
    assert not reading.done()
    hook.stop()
    await reading
