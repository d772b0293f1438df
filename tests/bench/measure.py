"""One measurement: messages published as fast as they are confirmed, until the event of each is received."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage

CONFIRMS_IN_FLIGHT = 300
PATIENCE_SECONDS = 300.0
NOT_COUNTED = ("membership.occupancy-changed.v1",)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class PreparedMessage:
    """A message ready to be published."""

    id: str
    routing_key: str
    message: aio_pika.Message


@dataclass(frozen=True)
class Run:
    """The result of one measurement: ``seconds`` from the first publish to the last event, and the latencies."""

    seconds: float
    rate: float
    p50_ms: float
    p99_ms: float


async def measure(
    channel: AbstractChannel, *, exchange: str, messages: Sequence[PreparedMessage], events: str, progress: Progress
) -> Run:
    """Publish ``messages`` and consume ``events``, the queue with their outcomes.

    Raise TimeoutError if an outcome does not come.
    """
    published_at: dict[str, float] = {}
    received: dict[str, float] = {}
    done = asyncio.Event()

    async def receive(message: AbstractIncomingMessage) -> None:
        cause = json.loads(message.body)["causationid"]
        if message.routing_key not in NOT_COUNTED and cause in published_at and cause not in received:
            received[cause] = time.perf_counter()
            progress(1)
            if len(received) == len(messages):
                done.set()

    queue = await channel.get_queue(events, ensure=False)
    tag = await queue.consume(receive, no_ack=True)
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    async with asyncio.timeout(PATIENCE_SECONDS):
        await _publish_all(target, messages, published_at)
        await done.wait()
    await queue.cancel(tag)
    return _run(published_at, received)


async def _publish_all(
    target: AbstractExchange, messages: Sequence[PreparedMessage], published_at: dict[str, float]
) -> None:
    room = asyncio.Semaphore(CONFIRMS_IN_FLIGHT)

    async def publish(prepared: PreparedMessage) -> None:
        published_at[prepared.id] = time.perf_counter()
        await target.publish(prepared.message, prepared.routing_key, mandatory=False)
        room.release()

    async with asyncio.TaskGroup() as publishing:
        for prepared in messages:
            await room.acquire()
            publishing.create_task(publish(prepared))


def _run(published_at: dict[str, float], received: dict[str, float]) -> Run:
    latencies = [(received[identity] - began) * 1000 for identity, began in published_at.items()]
    seconds = max(received.values()) - min(published_at.values())
    percentiles = statistics.quantiles(latencies, n=100)
    return Run(
        seconds=seconds, rate=len(published_at) / seconds, p50_ms=statistics.median(latencies), p99_ms=percentiles[98]
    )
