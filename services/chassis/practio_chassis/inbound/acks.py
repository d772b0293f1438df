"""Acknowledgements: one frame for all finished messages, if every earlier one is finished too.

A frame is a write to a socket, which costs about as much as a decision. ``multiple`` acknowledges everything up to a
message, so it is used only if all of it is done: an unfinished message would be lost with the process.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from weakref import WeakKeyDictionary

from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import AbstractChannel


class SettledTags:
    """The settled delivery tags of one channel; the broker counts them from 1."""

    def __init__(self) -> None:
        self._upto = 0
        self._beyond: set[int] = set()

    def add(self, tags: Iterable[int]) -> None:
        """Add settled tags."""
        self._beyond.update(tags)
        while self._upto + 1 in self._beyond:
            self._upto += 1
            self._beyond.remove(self._upto)

    def contains(self, tag: int) -> bool:
        """Return whether ``tag`` is settled."""
        return tag <= self._upto or tag in self._beyond

    def reaches(self, tag: int) -> bool:
        """Return whether ``tag`` and everything before it is settled."""
        return self._upto >= tag


class Acknowledgements:
    """Acknowledges the messages of one consumer, with as few frames as is safe."""

    def __init__(self) -> None:
        self._channels: WeakKeyDictionary[AbstractChannel, SettledTags] = WeakKeyDictionary()

    async def acknowledge(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Acknowledge finished messages. Raise what a closed channel raises; the broker then redelivers them all."""
        for channel, these in groupby(messages, lambda message: message.channel):
            await self._acknowledge_on(channel, list(these))

    def note_settled(self, message: AbstractIncomingMessage) -> None:
        """Record that a message was returned to the broker, or is acknowledged alone."""
        self._settled(message.channel).add([_tag(message)])

    def is_settled(self, message: AbstractIncomingMessage) -> bool:
        """Return whether a message was acknowledged or returned."""
        return self._settled(message.channel).contains(_tag(message))

    async def _acknowledge_on(self, channel: AbstractChannel, messages: list[AbstractIncomingMessage]) -> None:
        settled = self._settled(channel)
        settled.add(map(_tag, messages))
        last = max(messages, key=_tag)
        if settled.reaches(_tag(last)):
            await last.ack(multiple=True)
            return
        for message in messages:
            await message.ack()

    def _settled(self, channel: AbstractChannel) -> SettledTags:
        return self._channels.setdefault(channel, SettledTags())


def _tag(message: AbstractIncomingMessage) -> int:
    assert message.delivery_tag is not None
    return message.delivery_tag
