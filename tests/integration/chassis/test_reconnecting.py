"""A robust connection comes back, and its channels with it, wherever the attempt before was cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection, UnderlayChannel
from tests.support.eventually import eventually
from tests.support.faults.fault_proxy import FaultProxy
from tests.support.stack.servers import Servers
from yarl import URL

from practio_chassis.broker.connection import connect, open_channel, open_plain_channel
from practio_contracts.broker_errors import LOST, in_flight

CHANNELS = 3
AGAIN_SECONDS = 0.01
EVERY = 5
"""Bytes from one cut to the next; the shortest frame has eight."""


@pytest_asyncio.fixture
async def way(servers: Servers) -> AsyncIterator[FaultProxy]:
    """Return a way to the broker that a test cuts."""
    async with FaultProxy.to(servers.urls.broker_url) as found:
        yield found


async def is_usable(channel: AbstractRobustChannel) -> bool:
    """Return whether the broker answers on a channel within a second."""
    with suppress(TimeoutError, *LOST), in_flight():
        async with asyncio.timeout(1.0):
            await (await open_plain_channel(channel)).basic_qos(prefetch_count=1)
            return True
    return False


@pytest_asyncio.fixture
async def connection(way: FaultProxy) -> AsyncIterator[AbstractRobustConnection]:
    """Return a connection on that way."""
    url = str(URL(way.url).update_query(reconnect_interval=str(AGAIN_SECONDS)))
    async with await connect(url, name="test") as found:
        yield found


async def are_usable_again(channels: list[AbstractRobustChannel], way: FaultProxy, cut: str) -> None:
    async def are_usable() -> bool:
        return way.holds and all([await is_usable(each) for each in channels])

    await eventually(are_usable, message=f"the channels are usable again after a cut {cut}")


async def test_channels_come_back_wherever_reconnecting_is_cut(
    connection: AbstractRobustConnection, way: FaultProxy
) -> None:
    connected = way.passed_bytes
    channels = [await open_channel(connection) for _ in range(CHANNELS)]
    for after in range(connected, way.passed_bytes, EVERY):
        way.cut(after=after)
        await are_usable_again(channels, way, f"after {after} bytes")


async def test_channels_come_back_if_the_connection_is_lost_while_they_are_opened(
    connection: AbstractRobustConnection, way: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut meets this moment, between two turns of the loop, in few of many thousand attempts."""
    monkeypatch.setattr("practio_chassis.broker.connection.RESTORE_SECONDS", 1.0)
    channels = [await open_channel(connection) for _ in range(CHANNELS)]
    create = UnderlayChannel.create
    cuts = iter(range(1, CHANNELS + 1))

    async def create_and_cut(*args: Any, **kwargs: Any) -> UnderlayChannel:
        channel = await create(*args, **kwargs)
        if next(cuts, None) is not None:
            way.cut()
            await eventually(lambda: not connection.connected.is_set())
        return channel

    monkeypatch.setattr(UnderlayChannel, "create", create_and_cut)
    way.cut()
    await are_usable_again(channels, way, "while they are opened")
