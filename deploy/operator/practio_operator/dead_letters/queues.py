"""The dead letters of the services, read in chunks and deleted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES, MIB
from practio_chassis.broker.queue_names import commands_queue, dead_queue, events_queue, queries_queue
from practio_contracts.catalogue import SERVICES
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.held import HeldMessages
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.connection import broker_connection

CHUNK = 16 * MIB // MAX_MESSAGE_BYTES
"""How many dead letters are read at once: at most 16 MiB, since the broker takes no bigger message."""

_AT_ONCE = 16  # acknowledgements; from 32 on, RabbitMQ 3.10 delays them
_PATIENCE_SECONDS = 30.0
_LOOKS = 2
_PAUSE_SECONDS = 0.3
"""A service that looks at its dead letters for erased people, as each does when it starts, hides them for less."""

QUEUES = tuple(queue_of(service) for service in SERVICES for queue_of in (commands_queue, events_queue, queries_queue))
"""The queues of the services; each has a dead-letter queue."""


class AllDeadLetters:
    """All dead letters of the services, of which one chunk and the next are in memory.

    The broker holds those that were read until the block of ``dead_letters`` ends; nobody else sees them meanwhile.
    """

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._held = HeldMessages(channel)
        self._ahead: deque[AbstractIncomingMessage] = deque()

    async def __aiter__(self) -> AsyncIterator[DeadLetter]:
        """Yield every dead letter."""
        async for chunk in self.chunks():
            for letter in chunk:
                yield letter

    async def chunks(self) -> AsyncIterator[Sequence[DeadLetter]]:
        """Yield the dead letters in chunks, each from one queue, oldest first within it.

        Those that come to a queue while it is read are not among them: put back and dead again, a message would come
        round for ever. A queue that seems empty is looked at twice, since a service may hold its dead letters.
        """
        seen: set[str] = set()
        for look in range(_LOOKS):
            if look:
                await let_services_look()
            for queue in QUEUES:
                if queue not in seen:
                    async for chunk in self._chunks_of(queue):
                        seen.add(queue)
                        yield chunk

    async def _chunks_of(self, queue: str) -> AsyncIterator[Sequence[DeadLetter]]:
        dead = await self._channel.get_queue(dead_queue(queue), ensure=False)
        # A get is answered after everything that was sent to the queue before, with the number that is left.
        # The length in the answer to a declaration may be outdated.
        first = await dead.get(fail=False)
        if first is None:
            return
        self._keep_ahead(dead, first)
        left = 1 + (first.message_count or 0)
        while left:
            wanted = min(CHUNK, left)
            chunk = [DeadLetter(queue, message) for message in await self._next(dead, wanted)]
            yield chunk
            left = left - wanted if len(chunk) == wanted else 0
        self._ahead.clear()

    async def count(self) -> int:
        """Return how many dead letters there are, as far as the broker knows at once."""
        channel = await self._channel.get_underlay_channel()
        found = [await channel.queue_declare(dead_queue(queue), passive=True) for queue in QUEUES]
        return sum(each.message_count or 0 for each in found)

    async def drop(self, letters: Sequence[DeadLetter]) -> None:
        """Delete dead letters of the present chunk for good, and return when their queue has done so.

        A quorum queue processes few acknowledgements at once; those that wait are lost if their channel closes. So each
        portion is followed by a get from the queue, which answers only after it has processed the acknowledgements.
        """
        for portion in portions(letters):
            for letter in portion:
                await letter.message.ack()
                self._held.forget(letter.message)
            dead = await self._channel.get_queue(dead_queue(portion[-1].queue), ensure=False)
            if message := await dead.get(fail=False):
                self._keep_ahead(dead, message)

    def _keep_ahead(self, dead: AbstractQueue, message: AbstractIncomingMessage) -> None:
        self._held.add(dead.name, [message])
        self._ahead.append(message)

    async def _next(self, dead: AbstractQueue, count: int) -> list[AbstractIncomingMessage]:
        """Return the next ``count`` messages of a queue; fewer if another operator holds some of them."""
        ahead = [self._ahead.popleft() for _ in range(min(count, len(self._ahead)))]
        return [*ahead, *await self._consume(dead, count - len(ahead))]

    async def _consume(self, dead: AbstractQueue, count: int) -> list[AbstractIncomingMessage]:
        """Return messages of a consumer that may hold no more than ``count``, and is gone at the end."""
        if not count:
            return []
        await self._channel.set_qos(prefetch_count=count)
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        consumer = await dead.consume(arrived.put)
        messages: list[AbstractIncomingMessage] = []
        with suppress(TimeoutError):
            while len(messages) < count:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    messages.append(await arrived.get())
        await dead.cancel(consumer)
        while not arrived.empty():
            messages.append(arrived.get_nowait())
        self._held.add(dead.name, messages)
        return messages

    async def release(self) -> None:
        """Return everything that is held to its queue, in order."""
        await self._held.release()


@asynccontextmanager
async def dead_letters(target: ProvisionTarget) -> AsyncIterator[AllDeadLetters]:
    """Yield the dead letters; those that the block does not put back or drop stay in their queues, however it ends.

    Raise OperatorError without a broker.
    """
    # Closing a channel waits until everything sent on it is processed; closing a connection may cut it off.
    async with broker_connection(target.broker_url) as open_connection, open_connection.channel() as channel:
        found = AllDeadLetters(channel)
        try:
            yield found
        finally:
            if not channel.is_closed:
                await found.release()


async def let_services_look() -> None:
    """Return when a service that looks at a few dead letters has given them back."""
    await asyncio.sleep(_PAUSE_SECONDS)


def portions(letters: Sequence[DeadLetter]) -> Iterator[Sequence[DeadLetter]]:
    """Yield the dead letters of a chunk in as many at a time as are acknowledged at once."""
    yield from (letters[start : start + _AT_ONCE] for start in range(0, len(letters), _AT_ONCE))
