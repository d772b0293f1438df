"""Messages published outside the outbox: replies and redirected messages, on a connection of their own."""

import asyncio
from typing import Any, cast

import aio_pika
import aiormq
from aio_pika import RobustConnection
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection
from pamqp.commands import Basic
from yarl import URL

from practio_chassis.inbound.retry import Redirect
from practio_contracts.addresses import AnyAddress
from practio_contracts.broker_errors import in_flight
from practio_contracts.catalogue import account_of
from practio_contracts.envelope import CONTENT_TYPE

HEARTBEAT_SECONDS = 10
"""Seconds; a hanging broker is noticed after three (the default of 60 leaves it unnoticed for three minutes)."""

CONNECT_SECONDS = 10.0
"""Seconds until a connection attempt fails: a hanging broker accepts it, and stays silent."""

DIRECT_REPLY = "amq.rabbitmq.reply-to."


class AnyNode(RobustConnection):
    """A connection that reconnects when it is lost, to another node of the broker if its name stands for several."""

    def __init__(self, url: URL, **options: Any) -> None:
        super().__init__(url, **options)
        self.kwargs["transport_factory"] = AnyAddress()


async def connect(url: str, *, name: str) -> AbstractRobustConnection:
    """Connect to the broker, and again whenever the connection is lost; operators see ``name``."""
    return await aio_pika.connect_robust(
        url,
        heartbeat=HEARTBEAT_SECONDS,
        timeout=CONNECT_SECONDS,
        client_properties={"connection_name": name},
        connection_class=AnyNode,
    )


def properties(service: str, *, message_id: str | None = None, correlation_id: str | None = None) -> Basic.Properties:
    """Return the AMQP properties of a message of ours: persistent, with the ``user_id`` that the broker verifies."""
    return Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,
        message_id=message_id,
        correlation_id=correlation_id,
        user_id=account_of(service),
    )


async def underlay(channel: AbstractRobustChannel) -> aiormq.Channel:
    """Return the plain channel below, whose publish need not wait for each write to drain (``wait=False``)."""
    return cast(aiormq.Channel, await channel.get_underlay_channel())


class Replies:
    """Sends replies without confirms, and publishes redirected messages with them."""

    def __init__(self, service: str, connection: AbstractRobustConnection) -> None:
        self._service = service
        self._connection = connection
        self._answers: AbstractRobustChannel | None = None
        self._confirmed: AbstractRobustChannel | None = None

    async def open(self) -> None:
        """Open the channels; a fault on one never touches the consumers' connection."""
        self._answers = await self._opened(confirms=False)
        self._confirmed = await self._opened(confirms=True)

    async def _opened(self, *, confirms: bool) -> AbstractRobustChannel:
        channel = await self._connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        assert isinstance(channel, AbstractRobustChannel)
        return channel

    @property
    def ready(self) -> bool:
        """Return whether the broker is connected."""
        return self._connection.connected.is_set()

    async def answer(self, body: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        """Send an answer to a direct reply-to address; the broker drops it if its reader is gone.

        Raise one of ``LOST`` if it could not be sent.
        """
        assert self._answers is not None
        answering = properties(self._service, correlation_id=correlation_id)
        async with asyncio.timeout(CONNECT_SECONDS):
            with in_flight():
                channel = await underlay(self._answers)
                await channel.basic_publish(body, exchange="", routing_key=reply_to, properties=answering, wait=False)

    async def redirect(self, raw: AbstractIncomingMessage, aside: Redirect) -> None:
        """Publish a message again under its redirect, and wait until the broker has it on a queue.

        Raise one of ``LOST`` if it was not confirmed.
        """
        assert self._confirmed is not None
        like = raw.properties
        again = Basic.Properties(
            content_type=like.content_type,
            delivery_mode=2,
            message_id=like.message_id,
            correlation_id=like.correlation_id,
            reply_to=like.reply_to,
            timestamp=like.timestamp,
            user_id=account_of(self._service),
            headers=dict(aside.headers),
        )
        async with asyncio.timeout(CONNECT_SECONDS):
            with in_flight():
                channel = await underlay(self._confirmed)
                confirmed = await channel.basic_publish(
                    raw.body, exchange=aside.exchange, routing_key=aside.routing_key, properties=again, mandatory=True
                )
        if not isinstance(confirmed, Basic.Ack):
            raise ConnectionError("the broker did not take the message")
