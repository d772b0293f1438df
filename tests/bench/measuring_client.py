"""An outside account that sends commands and measures each answer, and knows how many events of a room have come."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage
from tests.bench.event_counter import EventCounter, event_counter
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
    """One connection for commands and answers, with nothing between them and the clock; events come elsewhere."""

    outside: OutsideSystem
    commands: AbstractExchange
    events: EventCounter
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

    async def count(self, routing_keys: Sequence[str], room_id: str) -> int:
        """Return how many of these events of a room have come."""
        count, _ = await self.events.counted(routing_keys, room_id)
        return count

    async def received(self, routing_keys: Sequence[str], room_id: str, *, count: int) -> float:
        """Wait until so many of these events of a room have come; return the time of the last."""
        found = (0, 0.0)

        async def have_come() -> bool:
            nonlocal found
            found = await self.events.counted(routing_keys, room_id)
            return found[0] >= count

        await eventually(have_come, within=PATIENCE_SECONDS, message=lambda: f"{count} of {routing_keys}: {found[0]}")
        return found[1]

    async def take_answer(self, message: AbstractIncomingMessage) -> None:
        """Receive an answer."""
        answered_at = time.perf_counter()
        if waiting := self._waiting.pop(message.correlation_id or "", None):
            waiting.set_result((json.loads(message.body)["data"], answered_at))


@asynccontextmanager
async def measuring_client(
    channel: AbstractChannel, outside: OutsideSystem, url: str, events: str
) -> AsyncIterator[MeasuringClient]:
    """Send as ``outside``, which need not be entered; count what comes to the queue ``events`` at ``url``."""
    async with event_counter(url, events) as counter:
        client = MeasuringClient(outside, await channel.get_exchange(COMMANDS, ensure=False), counter)
        replies = await channel.get_queue(REPLY_TO, ensure=False)
        answering = await replies.consume(client.take_answer, no_ack=True)
        yield client
        await replies.cancel(answering)
