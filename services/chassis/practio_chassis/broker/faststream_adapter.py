"""FastStream as the chassis uses it; whatever reaches into its private parts stands here.

``tests/unit/chassis/test_faststream_adapter.py`` fails if a release of FastStream moves those parts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

from aio_pika import IncomingMessage
from aio_pika.abc import AbstractRobustChannel
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from yarl import URL

from practio_chassis.broker.connection import CONNECT_SECONDS, HEARTBEAT_SECONDS, AnyNode, close
from practio_contracts.broker_errors import LOST, in_flight


def consuming_broker(url: str, *, name: str, graceful_timeout: float) -> RabbitBroker:
    """Return a broker for consuming alone, on a connection of its own; operators see it as ``name``."""
    broker = RabbitBroker(
        str(URL(url).update_query(heartbeat=HEARTBEAT_SECONDS, name=name)),
        timeout=CONNECT_SECONDS,
        apply_types=False,
        graceful_timeout=graceful_timeout,
        logger=None,
    )
    broker._connection_kwargs["connection_class"] = AnyNode  # FastStream has no setting for it
    return broker


async def start(broker: RabbitBroker) -> None:
    """Connect, and consume what was subscribed to; if that fails, leave nothing open, so that it can be tried again.

    Raise one of ``LOST``.
    """
    connections: list[AnyNode] = []

    def connection(*arguments: Any, **options: Any) -> AnyNode:
        connections.append(AnyNode(*arguments, **options))
        return connections[-1]

    broker._connection_kwargs["connection_class"] = connection
    for subscriber in cast(list[Any], broker.subscribers):
        # FastStream drops, unacknowledged, what arrives between the broker's consume-ok and the end of its start().
        subscriber.running = True
    try:
        await broker.start()
    except BaseException:
        with suppress(Exception):  # it is half started, and whatever its end raises is a consequence
            await broker.stop()
        for each in connections:  # FastStream does not know it yet if opening the first channel fails
            await close(each)
        raise


async def stop(broker: RabbitBroker, *, within: float) -> None:
    """Stop consuming, at most ``within`` seconds, and close the connection, however it is.

    FastStream leaves it open if a channel is lost meanwhile. It would reconnect, and its task swallows the cancellation
    with which the process ends: that would wait until the broker is back.
    """
    connection = broker._connection
    try:
        async with asyncio.timeout(within):
            with in_flight():
                await broker.stop()
    except* LOST:
        pass
    finally:
        if connection is not None:
            await close(connection)


def subscribe(
    broker: RabbitBroker,
    queue: str,
    *,
    receive: Callable[[Any], Any],
    consume: Callable[[Any], Awaitable[None]],
    prefetch: int,
    description: str,
) -> None:
    """Pass each delivery of ``queue`` through ``receive`` to ``consume``, which acknowledges it.

    ``practio provision`` has created the queue; nothing is declared or bound.
    """

    async def process(raw: IncomingMessage) -> None:
        with subscriber.lock:  # when FastStream stops, it waits for what is in hand
            await consume(receive(raw))

    subscriber = broker.subscriber(
        RabbitQueue(queue, declare=False),
        channel=Channel(prefetch_count=prefetch),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        title=queue,
        description=description,
    )
    subscriber(consume)  # for AsyncAPI
    # FastStream's own way to the handler (contexts, middlewares, filters, log lines that nobody reads) takes 50 µs of a
    # core for each message, as much as reading and checking it does.
    subscriber.process_message = process  # type: ignore[method-assign, assignment]  # nothing uses its result


def channel_of(subscriber: Any) -> AbstractRobustChannel | None:
    """Return the channel on which a subscriber consumes, or None before it has started."""
    queue = subscriber._queue_obj
    return None if queue is None else cast(AbstractRobustChannel, queue.channel)


def consumer_tag_of(subscriber: Any) -> str | None:
    """Return the tag under which a subscriber consumes, or None before it has started."""
    return cast(str | None, subscriber._consumer_tag)
