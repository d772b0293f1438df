"""Consumers that come back when the broker closes their channel and not their connection.

RabbitMQ does so if messages are in hand longer than ``consumer_timeout``, and if a queue is not there for a moment, as
in a cluster that elects a leader. aio-pika opens the channel again, once; if that fails, it leaves the channel closed
for as long as the connection lasts, and nothing is consumed any more. This tries until it succeeds.
"""

import asyncio
from typing import Any, cast

from aio_pika.abc import AbstractRobustConnection
from faststream.rabbit import RabbitBroker

from practio_chassis.broker.connection import close
from practio_chassis.broker.faststream_adapter import channel_of, consumer_tag_of
from practio_chassis.telemetry.log import failure, logger

_log = logger(__name__)
_PATIENCE = 10.0


class ChannelRecovery:
    """The channels of a broker's subscribers, opened again until each of them consumes."""

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker
        self._leaving: frozenset[str] = frozenset()

    @property
    def consuming(self) -> bool:
        """Return whether every subscriber has an open channel on which it consumes."""
        return all(_consumes(each) for each in self._broker.subscribers)

    async def recover_closed(self) -> None:
        """Open the channels that are closed."""
        for subscriber in cast(list[Any], self._broker.subscribers):
            if subscriber.queue.name not in self._leaving and not _consumes(subscriber):
                await self._recover(subscriber)

    async def leave(self, *queues: str) -> None:
        """Close the channels of these queues for good; the broker passes on what is in hand, in its order."""
        self._leaving = self._leaving.union(queues)
        subscribers = [each for each in cast(list[Any], self._broker.subscribers) if each.queue.name in queues]
        channels = filter(None, map(channel_of, subscribers))
        await asyncio.gather(*(close(channel) for channel in channels if not channel.is_closed))

    async def _recover(self, subscriber: Any) -> None:
        channel = channel_of(subscriber)
        if channel is None or not channel.is_closed or not _is_connected(channel):
            return  # not started yet, or the whole connection comes back
        try:
            async with asyncio.timeout(_PATIENCE):
                await channel.restore()
        except Exception as error:  # whatever the reason, it is tried again
            _log.warning("channel is closed and cannot be opened yet", queue=subscriber.queue.name, **failure(error))
        else:
            _log.info("channel is open again", queue=subscriber.queue.name)


def _consumes(subscriber: Any) -> bool:
    channel = channel_of(subscriber)
    if channel is None or channel.is_closed:
        return False
    underlay: Any = channel._channel  # type: ignore[attr-defined]  # the public way to it waits for the connection
    return underlay is not None and consumer_tag_of(subscriber) in underlay.channel.consumers


def _is_connected(channel: Any) -> bool:
    connection: AbstractRobustConnection = channel._connection
    return connection.connected.is_set()
