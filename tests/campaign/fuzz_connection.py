"""The fuzzing account's connection: it publishes anything at full speed, and notes what comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aio_pika
import aiormq
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from tests.campaign.fuzzed_message import DIRECT_REPLY, Fuzzed
from tests.campaign.outcomes import FuzzOutcomes
from tests.support.clients.raw_properties import RawProperties
from tests.support.clients.raw_publisher import BROKEN

from practio_chassis.broker.queue_names import dead_queue
from practio_contracts.catalogue import UNROUTED
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.queues import QUEUES
from practio_operator.targets.connection import broker_connection

IN_FLIGHT = 200
CONFIRM_SECONDS = 60.0
DEAD_LETTERS_AT_ONCE = 500


class FuzzConnection:
    """One channel of the account; replies come to it."""

    def __init__(self, url: str, outcomes: FuzzOutcomes) -> None:
        self._url = url
        self._outcomes = outcomes
        self._channel: AbstractChannel | None = None
        self._connection: aio_pika.abc.AbstractConnection | None = None
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def open(self) -> None:
        """Open a channel for publishing and replies; connect if there is no connection."""
        if self._connection is None or self._connection.is_closed:
            self._connection = await aio_pika.connect(self._url)
        self._channel = await self._connection.channel()
        replies = await self._channel.get_queue(DIRECT_REPLY, ensure=False)
        await replies.consume(self._take_answer, no_ack=True)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(*BROKEN):
                await self._connection.close()
            self._connection = None

    async def publish(self, message: Fuzzed) -> None:
        """Publish a message and wait for the confirm; raise what the broker does to a message that it refuses."""
        assert self._channel is not None
        async with self._room:
            underlay = await self._channel.get_underlay_channel()
            properties = RawProperties(raw=dict(message.raw), **message.properties)
            async with asyncio.timeout(CONFIRM_SECONDS):
                confirmed = await underlay.basic_publish(
                    message.body, exchange=message.exchange, routing_key=message.routing_key, properties=properties
                )
        if not isinstance(confirmed, aiormq.spec.Basic.Ack):
            raise ConnectionError("the broker did not confirm")

    async def _take_answer(self, message: AbstractIncomingMessage) -> None:
        with suppress(ValueError):
            self._outcomes.answered(message.correlation_id or "", json.loads(message.body)["data"])


@asynccontextmanager
async def dead_letters_taken(url: str, outcomes: FuzzOutcomes) -> AsyncIterator[None]:
    """Take every dead letter and every unrouted message from its queue, and note it, while the block runs."""
    async with broker_connection(url) as open_connection:
        channel = await open_connection.channel()
        await channel.set_qos(prefetch_count=DEAD_LETTERS_AT_ONCE)

        def taking(queue: str) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
            async def take(message: AbstractIncomingMessage) -> None:
                written = [_as_bytes(each) for each in (message.correlation_id, message.message_id)]
                if queue == UNROUTED:
                    outcomes.unrouted(*written, message.body)
                else:
                    letter = DeadLetter(queue, message)
                    outcomes.dead(queue, letter.reason, letter.detail, *written, message.body)
                await message.ack()

            return take

        for queue in QUEUES:
            await (await channel.get_queue(dead_queue(queue), ensure=False)).consume(taking(queue))
        await (await channel.get_queue(UNROUTED, ensure=False)).consume(taking(UNROUTED))
        yield


def _as_bytes(written: object) -> bytes:
    """Return a property as it was written: text, or bytes that are no UTF-8."""
    return written if isinstance(written, bytes) else str(written or "").encode("utf-8", "replace")
