"""The messages that a channel holds, and their return to their queues in the order in which they came."""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.abc import AbstractChannel as UnderlayChannel

_RETURNS_AT_ONCE = 16  # from 32 on, RabbitMQ 3.10 delays them
_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


class HeldMessages:
    """The delivery tags of messages that were neither acknowledged nor returned.

    A quorum queue returns the messages of each consumer by themselves, so those of many consumers at once would come
    back in any order.
    """

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._tags: set[int] = set()
        self._ends: list[tuple[int, str]] = []

    def add(self, queue: str, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Hold messages that one consumer, or one get, has received from a queue."""
        if messages:
            self._tags.update(_tag(each) for each in messages)
            self._ends.append((max(_tag(each) for each in messages), queue))

    def forget(self, message: AbstractIncomingMessage) -> None:
        """Hold a message no longer: it is acknowledged."""
        self._tags.remove(_tag(message))

    async def release(self) -> None:
        """Return all messages to their queues, and return when the queues have them.

        Those that a queue has not processed when the channel closes come back a moment later, in any order: the next
        reader would not see them.
        """
        channel = await self._channel.get_underlay_channel()
        tags = sorted(self._tags)
        returned: Counter[str] = Counter()
        at = 0
        for number, (end, queue) in enumerate(sorted(self._ends), start=1):
            after = bisect_right(tags, end, lo=at)
            if after > at:
                await channel.basic_nack(tags[after - 1], multiple=True, requeue=True)
                returned[queue] += after - at
                at = after
            if not number % _RETURNS_AT_ONCE and not await _have(channel, returned):
                break
        await _have(channel, returned)
        self._tags.clear()
        self._ends.clear()


async def _have(channel: UnderlayChannel, returned: Counter[str]) -> bool:
    """Wait until the queues have as many messages as were returned, or somebody else seems to take them."""
    for queue, count in returned.items():
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while ((await channel.queue_declare(queue, passive=True)).message_count or 0) < count:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_PAUSE_SECONDS)
    return True


def _tag(message: AbstractIncomingMessage) -> int:
    assert message.delivery_tag is not None
    return message.delivery_tag
