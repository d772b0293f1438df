"""Connections to the broker, and the AMQP properties of our own messages."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import aio_pika
import aiormq
from aio_pika import Connection, RobustChannel, RobustConnection
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractRobustChannel,
    AbstractRobustConnection,
    TimeoutType,
)
from pamqp.commands import Basic
from pamqp.common import FieldValue
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential
from yarl import URL

from practio_chassis.telemetry.log import failure, logger
from practio_contracts.addresses import AnyAddress
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.catalogue import account_of
from practio_contracts.envelope import CONTENT_TYPE

T = TypeVar("T")

_log = logger(__name__)

HEARTBEAT_SECONDS = 6
"""Seconds; a hanging broker is noticed after 24 at most (the default of 60 leaves it unnoticed for three minutes)."""

CONNECT_SECONDS = 10.0
"""Seconds until a connection attempt fails: a hanging broker accepts it, and stays silent."""

CLOSE_SECONDS = 5.0
"""Seconds until the broker need no longer confirm that a channel or a connection ends."""

RESTORE_SECONDS = 20.0
"""Seconds until the reopening of a channel fails, and is tried again."""

aiormq.Connection.FRAME_BUFFER_SIZE = 1_000
"""Messages that may wait to be written to the socket. With aiormq's 10, the eleventh of a batch waits for the writer
with the channel's lock in hand, and from then on each message takes a turn of the event loop, and a write of its own.
"""


class RestoredChannel(RobustChannel):
    """A channel that is opened again with its connection, in time or not at all.

    aio-pika waits without a deadline here. If the connection is lost once more at that moment, it waits for a
    connection that only the waiting task could make, and nothing comes back until the service is restarted.
    """

    async def restore(self, channel: Any = None) -> None:
        """Open the channel again if it is closed; raise TimeoutError after ``RESTORE_SECONDS``."""
        async with asyncio.timeout(RESTORE_SECONDS):
            await super().restore(channel)


class AnyNode(RobustConnection):
    """A connection that reconnects when it is lost, to another node of the broker if its name stands for several."""

    CHANNEL_CLASS = RestoredChannel

    def __init__(self, url: URL, **options: Any) -> None:
        super().__init__(url, **options)
        self.kwargs["transport_factory"] = AnyAddress()

    async def connect(self, timeout: TimeoutType = None) -> None:  # noqa: ASYNC109 - as aio-pika
        """Connect, and close the connection if that fails or is cancelled.

        Its task would go on trying, and swallow the cancellation with which the process ends.
        """
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


async def connect(url: str, *, name: str) -> AbstractRobustConnection:
    """Connect to the broker, and again whenever the connection is lost; operators see ``name``."""
    return await aio_pika.connect_robust(
        url,
        heartbeat=HEARTBEAT_SECONDS,
        timeout=CONNECT_SECONDS,
        client_properties={"connection_name": name},
        connection_class=AnyNode,
    )


class OnceToAnyNode(Connection):
    """A connection that stays closed once it is lost."""

    def __init__(self, url: URL, **options: Any) -> None:
        super().__init__(url, **options)
        self.kwargs["transport_factory"] = AnyAddress()


async def connect_once(url: str, *, name: str) -> AbstractConnection:
    """Connect to the broker; operators see ``name``. A connection that is lost does not come back by itself."""
    return await aio_pika.connect(
        url,
        heartbeat=HEARTBEAT_SECONDS,
        timeout=CONNECT_SECONDS,
        client_properties={"connection_name": name},
        connection_class=OnceToAnyNode,
    )


async def patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return the result of an attempt that needs the broker; while that is away or refuses it, try again."""

    async def attempted() -> T:
        with in_flight():
            return await attempt()

    return await AsyncRetrying(
        wait=wait_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(LOST),
        before_sleep=_log_failed_attempt,
    )(attempted)


def _log_failed_attempt(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    _log.warning("broker does not let us in yet", **failure(error or RuntimeError()))


async def close(what: AbstractChannel | AbstractConnection) -> None:
    """Close a channel or a connection, which may be lost already; wait for the broker ``CLOSE_SECONDS`` at most."""
    with suppress(*LOST):
        async with asyncio.timeout(CLOSE_SECONDS):
            with in_flight():
                await what.close()


async def open_channel(connection: AbstractRobustConnection) -> AbstractRobustChannel:
    """Open a channel whose publishes the broker confirms, and whose unroutable mandatory messages raise.

    Raise TimeoutError after ``CONNECT_SECONDS``.
    """
    async with asyncio.timeout(CONNECT_SECONDS):
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    assert isinstance(channel, AbstractRobustChannel)
    return channel


async def open_plain_channel(channel: AbstractRobustChannel) -> aiormq.Channel:
    """Return the channel below, open again: a connection is back some moments before its channels are."""
    await channel.ready()
    return await plain_channel(channel)


async def open_single_channel(connection: AbstractRobustConnection) -> aiormq.Channel:
    """Open a channel as ``open_channel`` does, which stays closed once the broker closes it.

    Raise ConnectionError if the connection is lost, TimeoutError after ``CONNECT_SECONDS``.
    """
    async with asyncio.timeout(CONNECT_SECONDS):
        await connection.ready()
        if connection.transport is None:
            raise ConnectionError("the connection is lost")
        return cast(
            aiormq.Channel,
            await connection.transport.connection.channel(publisher_confirms=True, on_return_raises=True),
        )


async def plain_channel(channel: AbstractRobustChannel) -> aiormq.Channel:
    """Return the channel below, whose publish need not wait for each write to drain (``wait=False``)."""
    return cast(aiormq.Channel, await channel.get_underlay_channel())


def properties(
    service: str,
    *,
    message_id: str | None = None,
    correlation_id: str | None = None,
    content_type: str = CONTENT_TYPE,
    headers: dict[str, FieldValue] | None = None,
) -> Basic.Properties:
    """Return the AMQP properties of a message of ours: persistent, with the ``user_id`` that the broker verifies."""
    return Basic.Properties(
        content_type=content_type,
        headers=headers,
        delivery_mode=2,
        message_id=message_id,
        correlation_id=correlation_id,
        user_id=account_of(service),
    )
