"""Messages that move to another queue, each confirmed by the broker before it leaves the first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection
from aiormq import Channel
from pamqp.commands import Basic

from practio_chassis.broker.blocking import unblocked, within
from practio_chassis.broker.connection import CONNECT_SECONDS, open_channel, open_plain_channel
from practio_contracts.broker_errors import in_flight
from practio_contracts.catalogue import account_of

_ALL_SECONDS = 30.0
"""How long the broker may take to confirm a batch."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The exchange, routing key and headers under which a message is published again."""

    exchange: str
    routing_key: str
    headers: Mapping[str, Any]


class Redirects:
    """Publishes messages again, to a retry tier, a dead-letter queue or a shard."""

    def __init__(self, service: str, connection: AbstractRobustConnection, channel: AbstractRobustChannel) -> None:
        self._service = service
        self._connection = connection
        self._channel = channel

    @classmethod
    async def open(cls, service: str, connection: AbstractRobustConnection) -> "Redirects":
        """Return redirects on a channel of ``connection``."""
        return cls(service, connection, await open_channel(connection))

    async def send(self, body: bytes, like: Basic.Properties, redirect: Redirect) -> None:
        """Publish a message again under its redirect, and wait until the broker has it on a queue.

        Wait, as long as it takes, while the broker blocks the connection.
        Raise one of ``LOST`` if it was not confirmed.
        """
        await unblocked(self._connection)
        async with within(CONNECT_SECONDS, self._connection):
            with in_flight():
                channel = await open_plain_channel(self._channel)
                confirmed = await self._publish(channel, body, like, redirect, wait=True)
        if not isinstance(confirmed, Basic.Ack):
            raise ConnectionError("the broker did not accept the message")

    async def send_in_order(self, moves: Sequence[tuple[AbstractIncomingMessage | None, Redirect]]) -> None:
        """Publish messages again in this order, all confirms in flight at once; without a message, headers alone.

        They expire as before; what is retried or dead does not.
        Raise one of ``LOST`` if not all were confirmed: of each queue's messages, the first ones may be there.
        """
        await unblocked(self._connection)
        async with within(_ALL_SECONDS, self._connection):
            with in_flight():
                channel = await open_plain_channel(self._channel)
                published = (
                    self._publish(channel, *_parts(raw), redirect, wait=False, expires=True) for raw, redirect in moves
                )
                confirmed = await asyncio.gather(*published, return_exceptions=True)
        if not all(isinstance(each, Basic.Ack) for each in confirmed):
            raise ConnectionError("the broker did not accept every message")

    async def _publish(
        self,
        channel: Channel,
        body: bytes,
        like: Basic.Properties,
        redirect: Redirect,
        *,
        wait: bool,
        expires: bool = False,
    ) -> object:
        again = Basic.Properties(
            content_type=like.content_type,
            delivery_mode=2,
            message_id=like.message_id,
            correlation_id=like.correlation_id,
            reply_to=like.reply_to,
            timestamp=like.timestamp,
            expiration=like.expiration if expires else None,
            user_id=account_of(self._service),
            headers=dict(redirect.headers),
        )
        return await channel.basic_publish(
            body,
            exchange=redirect.exchange,
            routing_key=redirect.routing_key,
            properties=again,
            mandatory=True,
            wait=wait,
        )


def _parts(raw: AbstractIncomingMessage | None) -> tuple[bytes, Basic.Properties]:
    return (raw.body, raw.properties) if raw else (b"", Basic.Properties())
