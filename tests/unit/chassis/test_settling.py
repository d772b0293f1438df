"""Acknowledging many at once: only where nothing before them is still in hand."""

from typing import Any, cast

from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.inbound.acks import Acknowledgements


class Line:
    """A channel that notes what is acknowledged on it."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, bool]] = []


class Delivered:
    """A message as far as acknowledging goes."""

    def __init__(self, channel: Line, delivery_tag: int) -> None:
        self.channel, self.delivery_tag = channel, delivery_tag

    async def ack(self, multiple: bool = False) -> None:
        self.channel.frames.append((self.delivery_tag, multiple))


def delivered(channel: Line, *tags: int) -> list[AbstractIncomingMessage]:
    return cast(Any, [Delivered(channel, tag) for tag in tags])


async def test_a_batch_is_acknowledged_with_one_frame() -> None:
    line, acknowledgements = Line(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(line, 1, 2, 3))
    await acknowledgements.acknowledge(delivered(line, 4, 5))
    assert line.frames == [(3, True), (5, True)]


async def test_while_one_before_them_is_in_hand_each_is_acknowledged_for_itself() -> None:
    line, acknowledgements = Line(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(line, 2, 3))
    assert line.frames == [(2, False), (3, False)]
    await acknowledgements.acknowledge(delivered(line, 1, 4))
    assert line.frames[2:] == [(4, True)]


async def test_one_that_went_back_holds_nobody_up() -> None:
    line, acknowledgements = Line(), Acknowledgements()
    [returned] = delivered(line, 2)
    acknowledgements.note_returned(returned)
    await acknowledgements.acknowledge(delivered(line, 1, 3))
    assert line.frames == [(3, True)]


async def test_each_channel_counts_for_itself() -> None:
    before, after, acknowledgements = Line(), Line(), Acknowledgements()
    await acknowledgements.acknowledge(delivered(before, 1, 2, 3))
    await acknowledgements.acknowledge([*delivered(before, 5), *delivered(after, 1)])
    assert before.frames == [(3, True), (5, False)]
    assert after.frames == [(1, True)]
