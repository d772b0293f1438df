"""Many messages in one write, with a confirm for each.

``aiormq.Channel.basic_publish`` takes a task, the channel's lock, a deadline and a place in the writer's queue for each
message: half of what publishing an event costs. This does the same for many at once, and it keeps the channel's own
books, which it shares with ``basic_publish``: ``tests/integration/chassis/test_publishing.py`` fails if a new
aiormq keeps them elsewhere.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import aiormq
from aiormq.abc import ChannelFrame
from aiormq.exceptions import ChannelInvalidStateError
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.frame import marshal
from pamqp.header import ContentHeader

MOST_BYTES_A_WRITE = 1024 * 1024
"""Bytes after which a write ends: nothing else reaches the connection in the middle of one, not even a heartbeat."""

Confirmations = list[asyncio.Future[object]]


class UnwritableError(Exception):
    """A message that AMQP cannot carry; its text is the class of the error, which quotes no values."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as AMQP needs it; ``properties`` have a ``message_id``, which finds it if it is returned."""

    exchange: str
    routing_key: str
    body: bytes
    properties: Basic.Properties
    mandatory: bool = False


_Written = tuple[Outgoing, bytes | UnwritableError]


async def publish_many(
    channel: aiormq.Channel, messages: Sequence[Outgoing], *, before_each_write: Callable[[], None]
) -> list[object]:
    """Publish messages in their order; return for each the broker's confirm, or the exception that took its place.

    ``before_each_write`` may raise: what was not written by then is not published. A message that cannot be written as
    AMQP is left out alone. Of a channel that is closed, all messages have the exception.
    """
    written = [(message, _written(channel, message)) for message in messages]
    expected: Confirmations = []
    closed: ChannelInvalidStateError | None = None
    for portion in _portions(written):
        try:
            async with channel.lock:
                before_each_write()
                expected += await _write(channel, portion)
        except ChannelInvalidStateError as error:
            closed = error
            break
    answers = await asyncio.gather(*expected, return_exceptions=True)
    return [*answers, *([closed] * (len(messages) - len(answers)))]


def _written(channel: aiormq.Channel, message: Outgoing) -> bytes | UnwritableError:
    """Return the frames of a message, or the exception that says why it has none."""
    header = ContentHeader(properties=message.properties, body_size=len(message.body))
    most = channel.max_content_size
    parts = (ContentBody(message.body[at : at + most]) for at in range(0, len(message.body), most))
    try:
        publish = _publish_frame(message.exchange, message.routing_key, message.mandatory, channel.number)
        return b"".join((publish, marshal(header, channel.number), *(marshal(each, channel.number) for each in parts)))
    except (ValueError, TypeError) as error:
        return UnwritableError(type(error).__qualname__)


@lru_cache(maxsize=1_000)
def _publish_frame(exchange: str, routing_key: str, mandatory: bool, channel: int) -> bytes:
    """Return the first frame of a message; it says no more than where the message goes, so few differ."""
    return marshal(Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=mandatory), channel)


def _portions(messages: Sequence[_Written]) -> Iterator[Sequence[_Written]]:
    """Yield messages in portions, each for one write."""
    portion: list[_Written] = []
    size = 0
    for message in messages:
        portion.append(message)
        size += len(message[1]) if isinstance(message[1], bytes) else 0
        if size >= MOST_BYTES_A_WRITE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


async def _write(channel: aiormq.Channel, portion: Sequence[_Written]) -> Confirmations:
    """Hand the messages of a portion to the writer, and number them; return what will be their confirms.

    They are numbered once they are sure to be written, and before the event loop can take a confirm.
    """
    if payload := b"".join(written for _, written in portion if isinstance(written, bytes)):
        await channel.write_queue.put(ChannelFrame(payload=payload, should_close=False))
    return [_expected(channel, message, written) for message, written in portion]


def _expected(channel: aiormq.Channel, message: Outgoing, written: bytes | UnwritableError) -> asyncio.Future[object]:
    """Return what the channel completes once the broker confirms or returns a message."""
    answer: asyncio.Future[object] = channel.create_future()
    if isinstance(written, UnwritableError):
        answer.set_exception(written)
        return answer
    channel.delivery_tag += 1
    tag, message_id = channel.delivery_tag, str(message.properties.message_id)
    channel.confirmations[tag] = answer
    channel.message_id_delivery_tag[message_id] = tag

    def forget(_: asyncio.Future[object]) -> None:
        if channel.message_id_delivery_tag.get(message_id) == tag:
            del channel.message_id_delivery_tag[message_id]

    answer.add_done_callback(forget)
    return answer
