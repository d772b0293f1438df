"""One measurement: messages published as fast as they are confirmed, until the event of each is heard."""

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
class Saying:
    """A message ready to be published."""

    id: str
    routing_key: str
    message: aio_pika.Message


@dataclass(frozen=True)
class Run:
    """What one measurement gave: ``seconds`` from the first publish to the last event, and the way of each message."""

    seconds: float
    rate: float
    p50_ms: float
    p99_ms: float


async def measure(
    channel: AbstractChannel, *, exchange: str, sayings: Sequence[Saying], events: str, progress: Progress
) -> Run:
    """Publish ``sayings`` and hear ``events``, the queue that tells their outcome.

    Raises TimeoutError where an outcome does not come.
    """
    said: dict[str, float] = {}
    received: dict[str, float] = {}
    done = asyncio.Event()

    async def hear(message: AbstractIncomingMessage) -> None:
        cause = json.loads(message.body)["causationid"]
        if message.routing_key not in NOT_COUNTED and cause in said and cause not in received:
            received[cause] = time.perf_counter()
            progress(1)
            if len(received) == len(sayings):
                done.set()

    queue = await channel.get_queue(events, ensure=False)
    tag = await queue.consume(hear, no_ack=True)
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    async with asyncio.timeout(PATIENCE_SECONDS):
        await _publish_all(target, sayings, said)
        await done.wait()
    await queue.cancel(tag)
    return _run(said, received)


async def _publish_all(target: AbstractExchange, sayings: Sequence[Saying], said: dict[str, float]) -> None:
    room = asyncio.Semaphore(CONFIRMS_IN_FLIGHT)

    async def publish(saying: Saying) -> None:
        said[saying.id] = time.perf_counter()
        await target.publish(saying.message, saying.routing_key, mandatory=False)
        room.release()

    async with asyncio.TaskGroup() as publishing:
        for saying in sayings:
            await room.acquire()
            publishing.create_task(publish(saying))


def _run(said: dict[str, float], received: dict[str, float]) -> Run:
    ways = [(received[identity] - began) * 1000 for identity, began in said.items()]
    seconds = max(received.values()) - min(said.values())
    percentiles = statistics.quantiles(ways, n=100)
    return Run(seconds=seconds, rate=len(said) / seconds, p50_ms=statistics.median(ways), p99_ms=percentiles[98])
