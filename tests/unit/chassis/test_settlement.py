"""The end of deliveries: of those that the admission check rejected, and of those whose answer is lost."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any, cast

import pytest
from aiormq.exceptions import ChannelInvalidStateError
from prometheus_client import REGISTRY

from practio_chassis.inbound import lost_answers
from practio_chassis.inbound.admission import Origin, Rejected
from practio_chassis.inbound.arrival import RejectedArrival
from practio_chassis.inbound.lost_answers import LostAnswers
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.outbound.redirects import Redirect, Redirects
from practio_chassis.outbound.replies import RefusedAddressError, Replies
from practio_contracts.answers import Refusal

REPLY_TO = "amq.rabbitmq.reply-to.g1h3D3JlcGx5QDExODIzNDkxNwAAAQIAAAAAZh+KAQ==.DPUYH8hJbWjcHKfiwR9XYQ=="


class Delivered:
    """A rejected message as the client library has it, and what was done with it."""

    reply_to, correlation_id = REPLY_TO, "asked"
    headers: dict[str, Any] = {}
    redelivered = False
    properties = None

    def __init__(self, channel: "Channel", delivery_tag: int) -> None:
        self.channel, self.delivery_tag, self.body = channel, delivery_tag, b"%d" % delivery_tag

    async def ack(self, multiple: bool = False) -> None:
        self.channel.frames.append(("ack", self.delivery_tag, multiple))

    async def nack(self, requeue: bool) -> None:
        self.channel.frames.append(("nack", self.delivery_tag, requeue))


class Stale(Delivered):
    """A message whose channel is closed."""

    @property
    def channel(self) -> "Channel":
        raise ChannelInvalidStateError

    @channel.setter
    def channel(self, channel: "Channel") -> None:
        pass


class Channel:
    """A channel that records frames."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, int, bool]] = []


class DeadLetters:
    """Confirms messages once ``together`` of them have come; loses those whose tags are ``lost``."""

    def __init__(self, *, together: int, lost: frozenset[int] = frozenset()) -> None:
        self._all_here = asyncio.Barrier(together)
        self._lost = lost

    async def send_in_order(self, moves: object) -> None:
        pass

    async def send(self, body: bytes, like: object, redirect: object) -> None:
        async with asyncio.timeout(5):
            await self._all_here.wait()
        if int(body) in self._lost:
            raise ConnectionError("gone")


class Answers:
    """Records who was answered."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_cut = self.is_refused = False

    async def send(self, answer: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        if self.is_refused:
            raise RefusedAddressError("internal error")
        if self.is_cut:
            raise ConnectionError("gone")
        self.sent.append(reply_to)


def a_settlement(redirects: DeadLetters, answers: Answers) -> Settlement:
    return Settlement(
        service="rooms",
        queue="rooms.commands",
        replies=cast(Replies, answers),
        redirects=cast(Redirects, redirects),
    )


def rejected(channel: Channel, number: int, *, kind: type[Delivered] = Delivered) -> list[RejectedArrival]:
    origin = Origin(exchange="practio.commands", routing_key="rooms.create-room.v1", account="outside", attempt=0)
    why = Rejected("unreadable", "no JSON", Refusal(code="invalid", detail="no JSON"))
    return [RejectedArrival(cast(Any, kind(channel, tag)), origin, why) for tag in range(1, number + 1)]


async def test_rejected_messages_are_dead_lettered_together_and_each_is_answered() -> None:
    channel, answers = Channel(), Answers()
    await a_settlement(DeadLetters(together=3), answers).reject(*rejected(channel, 3))
    assert answers.sent == [REPLY_TO] * 3
    assert channel.frames == [("ack", 3, True)]


async def test_a_rejected_message_that_is_not_dead_lettered_returns_alone_and_unanswered() -> None:
    channel, answers = Channel(), Answers()
    await a_settlement(DeadLetters(together=3, lost=frozenset({2})), answers).reject(*rejected(channel, 3))
    assert answers.sent == [REPLY_TO] * 2
    assert channel.frames == [("nack", 2, True), ("ack", 3, True)]


def turned_away() -> float:
    """Return how many of these messages were counted as settled."""
    labels = {"type": "rooms.create-room.v1", "outcome": "turned-away"}
    return REGISTRY.get_sample_value("practio_handled_total", labels) or 0.0


async def test_of_a_lost_channel_nothing_counts_as_settled_and_nothing_is_raised() -> None:
    settlement, before = a_settlement(DeadLetters(together=1), Answers()), turned_away()
    (stale,) = rejected(Channel(), 1, kind=Stale)
    await settlement.finish((stale, None))
    assert turned_away() == before
    await settlement.finish((rejected(Channel(), 1)[0], None))
    assert turned_away() == before + 1
    await settlement.forward([(stale, Redirect("", "rooms.commands.shard.0", {}))])
    await settlement.return_to_broker(stale, ConnectionError("gone"))


def delivered_again(channel: Channel, tag: int, *, text: bytes, earlier: int) -> RejectedArrival:
    """Return a message that the broker delivers once more; the channel counts on, the message stays as it is."""
    raw = Delivered(channel, tag)
    raw.body, raw.redelivered, raw.headers = text, earlier > 0, {"x-delivery-count": earlier}
    return replace(rejected(channel, 1)[0], raw=cast(Any, raw))


async def test_an_answer_is_dropped_after_three_losses_whatever_the_number_of_deliveries() -> None:
    channel, answers, tags = Channel(), Answers(), count(1)
    settlement = a_settlement(DeadLetters(together=1), answers)

    async def answered(text: bytes = b"asked", *, earlier: int) -> str:
        arrival = delivered_again(channel, next(tags), text=text, earlier=earlier)
        await settlement.finish((arrival, b"an answer"))
        return channel.frames.pop()[0]

    answers.is_cut = True
    assert await answered(earlier=7) == "nack"
    assert await answered(b"another", earlier=8) == "nack"
    assert await answered(earlier=9) == "nack"
    answers.is_cut = False
    assert await answered(earlier=10) == "ack"
    assert answers.sent == [REPLY_TO]
    answers.is_cut = True
    assert [await answered(earlier=n) for n in range(4)] == ["nack", "nack", "ack", "nack"]
    assert answers.sent == [REPLY_TO]


async def test_a_message_whose_address_the_broker_refuses_is_done_at_once() -> None:
    channel, answers = Channel(), Answers()
    answers.is_refused = True
    await a_settlement(DeadLetters(together=1), answers).reject(*rejected(channel, 1))
    assert channel.frames == [("ack", 1, True)]


async def test_only_so_many_lost_answers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answers, "_MOST", 2)
    lost, channel = LostAnswers(), Channel()
    first, *others = (delivered_again(channel, tag, text=b"%d" % tag, earlier=0) for tag in range(1, 5))
    assert [lost.note_lost(first) for _ in range(2)] == [False, False]
    assert not any(lost.note_lost(each) for each in others)
    assert [lost.note_lost(first) for _ in range(3)] == [False, False, True]
