"""Messages that are published together leave together, and each is confirmed, returned or left out by itself."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import aiormq
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractRobustChannel
from aiormq.exceptions import ChannelInvalidStateError, ChannelPreconditionFailed, PublishError
from pamqp.commands import Basic
from tests.support.stack.servers import Servers

from practio_chassis.broker.connection import connect, open_channel, plain_channel
from practio_chassis.broker.publishing import MOST_BYTES_A_WRITE, Outgoing, UnwritableError, publish_many

MESSAGES = 600


@pytest_asyncio.fixture
async def opened(servers: Servers) -> AsyncIterator[AbstractRobustChannel]:
    """Yield a channel with confirms on a connection of its own."""
    async with await connect(servers.urls.broker_url, name="test") as connection:
        yield await open_channel(connection)


async def test_messages_published_one_by_one_leave_in_one_turn_of_the_event_loop(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)
    publishing = [
        asyncio.create_task(channel.basic_publish(b"{}", routing_key="nobody", wait=False)) for _ in range(MESSAGES)
    ]
    await asyncio.sleep(0)  # each task takes its first turn
    assert channel.delivery_tag == MESSAGES
    confirmed = await asyncio.gather(*publishing)
    assert all(isinstance(each, Basic.Ack) for each in confirmed)


async def test_many_messages_arrive_in_order_and_whole(opened: AbstractRobustChannel) -> None:
    channel, queue = await plain_channel(opened), await opened.declare_queue(exclusive=True)
    bodies = [bytes([number % 256]) * (1 if number % 20 else channel.max_content_size + 5) for number in range(100)]
    assert sum(map(len, bodies)) < MOST_BYTES_A_WRITE

    answers = await _publish(channel, *(_message(queue.name, body) for body in bodies))

    assert all(isinstance(each, Basic.Ack) for each in answers)
    assert [(await queue.get(no_ack=True)).body for _ in bodies] == bodies


async def test_big_messages_leave_in_several_writes(opened: AbstractRobustChannel) -> None:
    channel, writes = await plain_channel(opened), 0

    def count() -> None:
        nonlocal writes
        writes += 1

    big = b"." * (MOST_BYTES_A_WRITE // 3)
    answers = await publish_many(channel, [_message("nobody", big) for _ in range(7)], before_each_write=count)
    assert ([isinstance(each, Basic.Ack) for each in answers], writes) == ([True] * 7, 3)


async def test_nothing_is_written_once_it_may_not_be(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)

    def forbid() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        await publish_many(channel, [_message("nobody")], before_each_write=forbid)
    assert channel.delivery_tag == 0


async def test_a_message_that_reaches_no_queue_comes_back_alone(opened: AbstractRobustChannel) -> None:
    channel, queue = await plain_channel(opened), await opened.declare_queue(exclusive=True)
    ways = [queue.name, f"nobody-{uuid4()}", queue.name]
    answers = await _publish(channel, *(_message(way, mandatory=True) for way in ways))
    assert [type(each) for each in answers] == [Basic.Ack, PublishError, Basic.Ack]


async def test_a_message_that_amqp_cannot_carry_is_left_out_alone(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)
    answers = await _publish(channel, _message("nobody"), _message("ü" * 200), _message("nobody"))
    assert [type(each) for each in answers] == [Basic.Ack, UnwritableError, Basic.Ack]


async def test_a_message_that_the_broker_refuses_ends_the_channel_for_all(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)
    strange = Outgoing("", "nobody", b"{}", Basic.Properties(message_id=str(uuid4()), user_id="somebody-else"))
    first, second = await asyncio.wait_for(_publish(channel, strange, _message("nobody")), 10)
    assert isinstance(first, ChannelPreconditionFailed)
    assert isinstance(second, ChannelPreconditionFailed)


async def test_the_two_ways_of_publishing_share_a_channel(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)
    several = [asyncio.create_task(_publish(channel, _message("nobody"), _message("nobody"))) for _ in range(50)]
    single = [asyncio.create_task(channel.basic_publish(b"{}", routing_key="nobody")) for _ in range(50)]
    confirmed = [*await asyncio.gather(*single), *(each for both in await asyncio.gather(*several) for each in both)]
    assert [type(each) for each in confirmed] == [Basic.Ack] * 150
    assert not channel.confirmations
    assert not channel.message_id_delivery_tag


async def test_messages_in_flight_end_with_their_channel(opened: AbstractRobustChannel) -> None:
    channel = await plain_channel(opened)
    messages = [_message("nobody") for _ in range(MESSAGES)]
    answers, _ = await asyncio.gather(_publish(channel, *messages), channel.close())
    assert len(answers) == MESSAGES
    afterwards = await _publish(channel, _message("nobody"), _message("nobody"))
    assert [type(each) for each in afterwards] == [ChannelInvalidStateError] * 2


def _message(routing_key: str, body: bytes = b"{}", *, mandatory: bool = False) -> Outgoing:
    properties = Basic.Properties(message_id=str(uuid4()), delivery_mode=2)
    return Outgoing("", routing_key, body, properties, mandatory=mandatory)


async def _publish(channel: aiormq.Channel, *messages: Outgoing) -> list[object]:
    return await publish_many(channel, messages, before_each_write=lambda: None)
