"""FastStream as the chassis uses it; whatever reaches into its private parts stands here.

``tests/unit/chassis/test_faststream_adapter.py`` fails if a release of FastStream moves those parts.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aio_pika import IncomingMessage
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from yarl import URL

from practio_chassis.broker.connection import CONNECT_SECONDS, HEARTBEAT_SECONDS, AnyNode


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
    # FastStream drops, unacknowledged, what arrives between the broker's consume-ok and the end of its start().
    subscriber.running = True
