"""Acknowledging many at once: only if no earlier message is unfinished."""

from typing import cast

from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.inbound.acks import Acknowledgements


class RecordingChannel:
    """A channel that records acknowledgements."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, bool]] = []


class DeliveredMessage:
    """A message as far as acknowledging goes."""

    def __init__(self, channel: RecordingChannel, delivery_tag: int) -> None:
        self.channel, self.delivery_tag = channel, delivery_tag

    async def ack(self, multiple: bool = False) -> None:
        self.channel.frames.append((self.delivery_tag, multiple))


def delivered(channel: RecordingChannel, *tags: int) -> list[AbstractIncomingMessage]:
    return [cast(AbstractIncomingMessage, DeliveredMessage(channel, tag)) for tag in tags]


async def test_a_batch_is_acknowledged_with_one_frame() -> None:
    channel, acknowledgements = RecordingChannel(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(channel, 1, 2, 3))
    await acknowledgements.acknowledge(delivered(channel, 4, 5))
    assert channel.frames == [(3, True), (5, True)]


async def test_messages_behind_an_unfinished_one_are_acknowledged_one_by_one() -> None:
    channel, acknowledgements = RecordingChannel(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(channel, 2, 3))
    assert channel.frames == [(2, False), (3, False)]
    await acknowledgements.acknowledge(delivered(channel, 1, 4))
    assert channel.frames[2:] == [(4, True)]


async def test_a_requeued_message_does_not_block_the_others() -> None:
    channel, acknowledgements = RecordingChannel(), Acknowledgements()
    [returned] = delivered(channel, 2)
    acknowledgements.note_settled(returned)
    await acknowledgements.acknowledge(delivered(channel, 1, 3))
    assert channel.frames == [(3, True)]


async def test_each_channel_has_its_own_delivery_tags() -> None:
    before, after, acknowledgements = RecordingChannel(), RecordingChannel(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(before, 1, 2, 3))
    await acknowledgements.acknowledge([*delivered(before, 5), *delivered(after, 1)])
    assert before.frames == [(3, True), (5, False)]
    assert after.frames == [(1, True)]
