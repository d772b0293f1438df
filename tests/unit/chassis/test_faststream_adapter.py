"""FastStream still has the private parts that the adapter relies on."""

import asyncio
import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from faststream._internal.endpoint.subscriber import SubscriberUsecase
from faststream._internal.endpoint.subscriber.utils import MultiLock
from faststream.rabbit import RabbitBroker, RabbitQueue
from faststream.rabbit.subscriber.usecase import RabbitSubscriber

from practio_chassis.broker.connection import AnyNode
from practio_chassis.broker.faststream_adapter import channel_of, consumer_tag_of, consuming_broker, start, subscribe

URL = "amqp://someone:secret@127.0.0.1:5672/practio"


async def _consume(_arrival: object) -> None: ...


def test_the_connection_class_is_the_one_that_faststream_connects_with() -> None:
    broker = consuming_broker(URL, name="practio-test", graceful_timeout=1.0)
    assert broker._connection_kwargs["connection_class"] is AnyNode
    assert "self._connection_kwargs" in inspect.getsource(RabbitBroker._connect)
    assert "connection_class" not in inspect.signature(RabbitBroker.__init__).parameters, "use the new setting"


def test_the_connection_is_the_one_that_faststream_closes_at_the_end() -> None:
    assert "await self._connection.close()" in inspect.getsource(RabbitBroker.stop)
    assert consuming_broker(URL, name="practio-test", graceful_timeout=1.0)._connection is None


async def test_messages_are_received_before_start_has_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_start(_broker: RabbitBroker) -> None: ...

    monkeypatch.setattr(RabbitBroker, "start", no_start)
    broker = consuming_broker(URL, name="practio-test", graceful_timeout=1.0)
    subscribe(broker, "rooms.commands", receive=lambda raw: raw, consume=_consume, prefetch=1, description="")
    [subscriber] = broker.subscribers
    await start(broker)
    assert subscriber.running
    assert "if not self.running" in inspect.getsource(SubscriberUsecase.consume)


async def test_a_message_goes_straight_to_its_consumer_and_is_waited_for() -> None:
    over = asyncio.Event()
    consumed: list[str] = []

    async def consume(arrival: str) -> None:
        await over.wait()
        consumed.append(arrival)

    broker = consuming_broker(URL, name="practio-test", graceful_timeout=30.0)
    subscribe(
        broker, "rooms.commands", receive=lambda raw: f"checked {raw}", consume=consume, prefetch=1, description=""
    )
    [subscriber] = broker.subscribers
    subscriber.running, subscriber.lock = True, MultiLock()  # as its start does
    message: Any = "message"
    in_hand = asyncio.create_task(subscriber.consume(message))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(SubscriberUsecase.stop(subscriber))
    await asyncio.sleep(0)
    assert not stopping.done()
    over.set()
    await asyncio.gather(in_hand, stopping)
    assert consumed == ["checked message"]
    assert "self.process_message(msg)" in inspect.getsource(SubscriberUsecase.consume)


def test_a_subscriber_has_its_queue_and_its_consumer_tag_where_they_are_looked_for() -> None:
    assert {"_queue_obj", "_consumer_tag"} <= set(RabbitSubscriber.__slots__)
    subscriber: Any = RabbitBroker(URL).subscriber(RabbitQueue("rooms.commands", declare=False))
    assert (channel_of(subscriber), consumer_tag_of(subscriber)) == (None, None)
    channel = object()
    subscriber._queue_obj, subscriber._consumer_tag = SimpleNamespace(channel=channel), "ctag1.a"
    assert (channel_of(subscriber), consumer_tag_of(subscriber)) == (channel, "ctag1.a")
