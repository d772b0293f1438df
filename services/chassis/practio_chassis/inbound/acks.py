"""Acknowledging: one frame for all that is done, wherever nothing before it is still in hand.

A frame is a write to a socket, which costs about as much as deciding on a message. ``multiple`` says that everything
up to a message is done, so it may be said only where that is true: a message still in hand would be lost with us.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from weakref import WeakKeyDictionary

from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import AbstractChannel


class Settled:
    """Which delivery tags of one channel are settled; the broker counts them from 1."""

    def __init__(self) -> None:
        self._upto = 0
        self._beyond: set[int] = set()

    def add(self, tags: Iterable[int]) -> None:
        """Note that these are settled."""
        self._beyond.update(tags)
        while self._upto + 1 in self._beyond:
            self._upto += 1
            self._beyond.remove(self._upto)

    def reaches(self, tag: int) -> bool:
        """Say whether ``tag`` and everything before it is settled."""
        return self._upto >= tag


class Acknowledgements:
    """Acknowledges the messages of one consumer, with as few frames as is safe."""

    def __init__(self) -> None:
        self._channels: WeakKeyDictionary[AbstractChannel, Settled] = WeakKeyDictionary()

    async def acknowledge(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Acknowledge what is done. Raises what a closed channel raises; the broker then brings it all again."""
        for channel, these in groupby(messages, lambda message: message.channel):
            await self._acknowledge_on(channel, list(these))

    def note_returned(self, message: AbstractIncomingMessage) -> None:
        """Note that a message went back to the broker, and is in hand no more."""
        self._settled(message.channel).add([_tag(message)])

    async def _acknowledge_on(self, channel: AbstractChannel, messages: list[AbstractIncomingMessage]) -> None:
        settled = self._settled(channel)
        settled.add(map(_tag, messages))
        last = max(messages, key=_tag)
        if settled.reaches(_tag(last)):
            await last.ack(multiple=True)
            return
        for message in messages:
            await message.ack()

    def _settled(self, channel: AbstractChannel) -> Settled:
        return self._channels.setdefault(channel, Settled())


def _tag(message: AbstractIncomingMessage) -> int:
    assert message.delivery_tag is not None
    return message.delivery_tag
