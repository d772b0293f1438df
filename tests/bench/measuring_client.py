"""An outside account that sends commands and measures each answer; it receives events and counts them by room."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage
from tests.support.clients.commands import Data
from tests.support.clients.outside import COMMANDS, REPLY_TO, OutsideSystem
from tests.support.clients.raw_publisher import CONTENT_TYPE
from tests.support.eventually import eventually

PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class TimedAnswer:
    """The answer to a command, and when both were sent (seconds of ``time.perf_counter``)."""

    data: Data
    sent_at: float
    answered_at: float

    @property
    def seconds(self) -> float:
        """Return how long the answer took."""
        return self.answered_at - self.sent_at


@dataclass
class MeasuringClient:
    """One connection for commands, answers and events, with nothing between them and the clock."""

    outside: OutsideSystem
    commands: AbstractExchange
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_at: dict[tuple[str, str], float] = field(default_factory=dict)
    _waiting: dict[str, asyncio.Future[tuple[Data, float]]] = field(default_factory=dict)

    async def send(self, routing_key: str, data: Data, *, actor: str) -> TimedAnswer:
        """Send a command and wait for its answer; raise AssertionError if it is refused."""
        event = self.outside.envelope(routing_key, data, actor=actor)
        message = aio_pika.Message(
            json.dumps(event).encode(),
            content_type=CONTENT_TYPE,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=event["id"],
            correlation_id=event["id"],
            reply_to=REPLY_TO,
            user_id=self.outside.account,
        )
        answered = self._waiting[event["id"]] = asyncio.get_running_loop().create_future()
        sent_at = time.perf_counter()
        await self.commands.publish(message, routing_key, mandatory=False)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer, answered_at = await answered
        assert "state" in answer, answer
        return TimedAnswer(answer, sent_at, answered_at)

    async def received(self, routing_keys: Sequence[str], room_id: str, *, count: int) -> float:
        """Wait until so many of these events of a room were received; return the time of the last."""
        pairs = [(routing_key, room_id) for routing_key in routing_keys]
        await eventually(
            lambda: sum(self.counts[pair] for pair in pairs) >= count,
            within=PATIENCE_SECONDS,
            message=lambda: f"{count} of {pairs}: {[self.counts[pair] for pair in pairs]}",
        )
        return max(self.last_at[pair] for pair in pairs if pair in self.last_at)

    async def take_answer(self, message: AbstractIncomingMessage) -> None:
        """Receive an answer."""
        answered_at = time.perf_counter()
        if waiting := self._waiting.pop(message.correlation_id or "", None):
            waiting.set_result((json.loads(message.body)["data"], answered_at))

    async def take_event(self, message: AbstractIncomingMessage) -> None:
        """Receive an event."""
        data = json.loads(message.body)["data"]
        about = data.get("membership") or data
        pair = (message.routing_key or "", about.get("room_id", ""))
        self.counts[pair] += 1
        self.last_at[pair] = time.perf_counter()


@asynccontextmanager
async def measuring_client(
    channel: AbstractChannel, outside: OutsideSystem, events: str
) -> AsyncIterator[MeasuringClient]:
    """Send as ``outside``, which need not be entered, and consume the queue ``events`` while the block runs."""
    client = MeasuringClient(outside, await channel.get_exchange(COMMANDS, ensure=False))
    replies = await channel.get_queue(REPLY_TO, ensure=False)
    queue = await channel.get_queue(events, ensure=False)
    answering = await replies.consume(client.take_answer, no_ack=True)
    consuming = await queue.consume(client.take_event, no_ack=True)
    yield client
    await queue.cancel(consuming)
    await replies.cancel(answering)
