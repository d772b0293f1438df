"""A batch of events in hand: one transaction, each event with its own end, one acknowledgement."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from practio_chassis.broker import event_batches
from practio_chassis.broker.event_readers import subscribed_events
from practio_chassis.broker.queue_names import batch_key
from practio_chassis.context import Admitted, ReceivedMessage
from practio_chassis.database import engine
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound import progress
from practio_chassis.inbound.arrival import BatchArrival, receive
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.inbound.shards import shard_consumer
from practio_chassis.inbound.shards.shard_consumer import ShardConsumer
from practio_chassis.outbound.redirects import Redirect, Redirects
from practio_chassis.outbound.replies import Replies
from practio_contracts.catalogue import INTERNAL
from practio_contracts.envelope import CONTENT_TYPE

JOINED = json.loads((Path(__file__).parents[3] / "contracts/examples/membership.joined.v1.json").read_bytes())
GOOD, BAD, LAST = ({**JOINED, "id": f"019caf60-59c0-786b-8f85-4de46d0667a{number}"} for number in range(3))
INVALID = {**JOINED, "data": {}}


class Handled:
    """Records the batches; raises if one contains the event ``bad``."""

    def __init__(self, bad: str | None = None) -> None:
        self.batches: list[list[str]] = []
        self.attempts: dict[str, int] = {}
        self.alone = asyncio.Lock()
        self._bad = bad

    async def handle(self, batch: Sequence[Admitted], *, alone: bool = False) -> list[bytes | None]:
        ids = [str(each.envelope.id) for each in batch if isinstance(each, ReceivedMessage)]
        if self._bad in ids:
            raise LookupError
        self.batches.append(ids)
        if alone:
            del self.attempts[ids[0]]
        return [None] * len(batch)

    async def begin_alone(self, message: ReceivedMessage[Any]) -> int:
        before = self.attempts.get(str(message.envelope.id), 0)
        self.attempts[str(message.envelope.id)] = before + 1
        return before

    async def end_alone(self, message: ReceivedMessage[Any]) -> None:
        self.attempts.pop(str(message.envelope.id), None)


class Redirected:
    """Records redirected messages; loses them if ``lost``."""

    def __init__(self, *, lost: bool = False) -> None:
        self.sent: list[tuple[str, dict[str, Any], Redirect]] = []
        self._lost = lost

    async def send(self, body: bytes, like: Any, redirect: Redirect) -> None:
        if self._lost:
            raise ConnectionError("gone")
        self.sent.append((str(like.content_type), json.loads(body), redirect))


class Delivery:
    """A batch as the client library has it, and the frames that answered it."""

    exchange, routing_key, user_id = INTERNAL, batch_key("membership", "rooms"), "practio-membership"
    content_type = event_batches.CONTENT_TYPE
    message_id = reply_to = correlation_id = None
    delivery_tag = 1

    def __init__(self, *events: object, deliveries: int = 1) -> None:
        self.body = json.dumps(events).encode()
        self.headers = {"x-delivery-count": deliveries - 1}
        self.redelivered = deliveries > 1
        self.frames: list[str] = []
        self.channel = type("Channel", (), {})()

    async def ack(self, multiple: bool = False) -> None:
        self.frames.append("ack")

    async def nack(self, requeue: bool) -> None:
        self.frames.append("nack")


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database answer, so that errors are taken for the message's."""

    async def answers(_pool: object) -> bool:
        return True

    monkeypatch.setattr(engine, "answers", answers)


def a_consumer(handled: Handled, redirected: Redirected) -> Consumer:
    return Consumer(**parts_of_consumer(handled, redirected))


def parts_of_consumer(handled: Handled, redirected: Redirected) -> dict[str, Any]:
    settlement = Settlement(
        service="rooms",
        queue="rooms.events",
        replies=cast(Replies, SimpleNamespace()),
        redirects=cast(Redirects, redirected),
    )
    return {
        "settlement": settlement,
        "transaction": cast(Transaction, handled),
        "pool": None,
        "batch": 100,
        "gather_seconds": 0.0,
    }


def arrived(delivery: Delivery) -> BatchArrival:
    arrival = receive(cast(Any, delivery), service="rooms", subscriptions=frozenset(subscribed_events("rooms")))
    assert isinstance(arrival, BatchArrival)
    return arrival


async def consume(delivery: Delivery, handled: Handled, redirected: Redirected) -> None:
    await a_consumer(handled, redirected)._run([arrived(delivery)])


async def test_a_batch_is_handled_in_one_transaction_and_acknowledged_once() -> None:
    delivery, handled, redirected = Delivery(GOOD, BAD, LAST), Handled(), Redirected()
    await consume(delivery, handled, redirected)
    assert handled.batches == [[GOOD["id"], BAD["id"], LAST["id"]]]
    assert (delivery.frames, redirected.sent) == (["ack"], [])


async def test_a_message_that_continues_long_work_lets_others_go_first_and_shares_no_transaction() -> None:
    handled = Handled()
    await consume_beside_another(Consumer(**parts_of_consumer(handled, Redirected()) | CONTINUING))
    assert handled.batches == [[LAST["id"]], [GOOD["id"]]]


async def test_in_a_shard_nothing_overtakes_what_continues_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_consumer, "epoch_of", lambda *_, **__: None)  # none is a marker
    handled = Handled()
    parts = parts_of_consumer(handled, Redirected()) | CONTINUING
    await consume_beside_another(ShardConsumer("rooms", 2, cast(Any, None), **parts))
    assert handled.batches == [[GOOD["id"]], [LAST["id"]]]


CONTINUING = {"continuing": {batch_key("membership", "rooms")}}


async def consume_beside_another(consumer: Consumer) -> None:
    """Consume a message that continues long work, and then one that does not, which arrive together."""
    single = Delivery()
    single.routing_key, single.content_type = "membership.joined.v1", CONTENT_TYPE
    single.body = json.dumps(LAST).encode()
    async with asyncio.TaskGroup() as consuming:
        for delivery in (Delivery(GOOD), single):
            arrival = receive(cast(Any, delivery), service="rooms", subscriptions=frozenset(subscribed_events("rooms")))
            consuming.create_task(consumer.consume(arrival))
        await asyncio.sleep(0)
        await consumer.run_once()
        await consumer.run_once()


async def test_an_event_that_fails_is_retried_alone_and_the_others_are_handled() -> None:
    delivery, handled, redirected = Delivery(GOOD, BAD, LAST), Handled(bad=BAD["id"]), Redirected()
    await consume(delivery, handled, redirected)
    assert handled.batches == [[GOOD["id"]], [LAST["id"]]]
    [(content_type, event, redirect)] = redirected.sent
    assert (content_type, event) == ("application/cloudevents+json", BAD)
    assert redirect.routing_key == "rooms.events.retry.5s"
    assert redirect.headers["practio-routing-key"] == "membership.joined.v1"
    assert redirect.headers["practio-account"] == "practio-membership"
    assert delivery.frames == ["ack"]


async def test_a_rejected_event_is_a_dead_letter_of_its_own() -> None:
    delivery, handled, redirected = Delivery(GOOD, INVALID, LAST), Handled(), Redirected()
    await consume(delivery, handled, redirected)
    assert handled.batches == [[GOOD["id"], LAST["id"]]]
    [(content_type, event, redirect)] = redirected.sent
    assert (content_type, event) == ("application/cloudevents+json", INVALID)
    assert (redirect.routing_key, redirect.headers["practio-reason"]) == ("rooms.events.dead", "invalid")
    assert delivery.frames == ["ack"]


async def test_a_batch_with_an_event_that_cannot_be_moved_is_returned_and_never_acknowledged() -> None:
    delivery, handled = Delivery(GOOD, INVALID, LAST), Handled()
    await consume(delivery, handled, Redirected(lost=True))
    assert delivery.frames == ["nack"]


async def test_events_of_a_batch_that_is_delivered_too_often_are_handled_one_by_one_in_their_order() -> None:
    delivery, handled, redirected = Delivery(GOOD, INVALID, BAD, LAST, deliveries=11), Handled(), Redirected()
    await consume(delivery, handled, redirected)
    assert handled.batches == [[GOOD["id"]], [BAD["id"]], [LAST["id"]]]
    assert handled.attempts == {}
    assert [redirect.headers["practio-reason"] for _, _, redirect in redirected.sent] == ["invalid"]
    assert delivery.frames == ["ack"]


@pytest.mark.parametrize("ends", [0, 1, 2, 3, 4])
async def test_an_event_that_ends_the_service_again_and_again_is_dead_lettered_and_the_others_are_handled(
    ends: int,
) -> None:
    delivery, handled, redirected = Delivery(GOOD, BAD, LAST, deliveries=14), Handled(), Redirected()
    handled.attempts[BAD["id"]] = ends
    await consume(delivery, handled, redirected)
    assert delivery.frames == ["ack"]
    if ends < 3:
        assert handled.batches == [[GOOD["id"]], [BAD["id"]], [LAST["id"]]]
        assert redirected.sent == []
        return
    assert handled.batches == [[GOOD["id"]], [LAST["id"]]]
    [(_, event, redirect)] = redirected.sent
    assert (event, redirect.routing_key) == (BAD, "rooms.events.dead")
    assert redirect.headers["practio-reason"] == "ends-service"
    assert f"ended {ends} times" in redirect.headers["practio-detail"]


async def test_no_event_overtakes_one_of_a_batch_that_is_delivered_too_often() -> None:
    handled = Handled()
    first, second, third = (Delivery(event, deliveries=times) for event, times in ((GOOD, 1), (BAD, 11), (LAST, 1)))
    await a_consumer(handled, Redirected())._run([arrived(first), arrived(second), arrived(third)])
    assert handled.batches == [[GOOD["id"]], [BAD["id"]], [LAST["id"]]]


async def test_a_stranger_cannot_say_how_often_a_message_was_delivered() -> None:
    delivery, handled = Delivery(GOOD, BAD, deliveries=11), Handled()
    delivery.redelivered = False
    await consume(delivery, handled, Redirected())
    assert handled.batches == [[GOOD["id"], BAD["id"]]]


async def test_an_event_that_fails_is_retried_also_if_its_batch_is_delivered_too_often() -> None:
    delivery, handled, redirected = Delivery(GOOD, BAD, deliveries=11), Handled(bad=BAD["id"]), Redirected()
    await consume(delivery, handled, redirected)
    assert [redirect.routing_key for _, _, redirect in redirected.sent] == ["rooms.events.retry.5s"]
    assert (delivery.frames, handled.attempts) == (["ack"], {})


async def test_a_service_that_is_to_stop_leaves_the_rest_of_such_a_batch_and_what_follows() -> None:
    delivery, later = Delivery(GOOD, BAD, deliveries=11), Delivery(LAST)

    class Stopping(Handled):
        async def handle(self, batch: Sequence[Admitted], *, alone: bool = False) -> list[bytes | None]:
            consumer._stopped = True
            return await Handled.handle(self, batch, alone=alone)

    handled = Stopping()
    consumer: Consumer = a_consumer(handled, Redirected())
    assert not await consumer._run([arrived(delivery), arrived(later)])
    assert (handled.batches, delivery.frames, later.frames) == ([[GOOD["id"]]], [], [])


@pytest.mark.parametrize("stops", [False, True])
async def test_a_shard_counts_as_drained_only_if_all_before_the_marker_was_handled(
    monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    too_often, marker, drained = Delivery(GOOD, deliveries=11), Delivery(LAST), list[tuple[int, int]]()

    class Sharding:
        async def note_drained(self, epoch: int, shard: int) -> None:
            drained.append((epoch, shard))

    epochs = {id(marker): 7}
    monkeypatch.setattr(shard_consumer, "epoch_of", lambda raw, service: epochs.get(id(raw)))
    parts = parts_of_consumer(Handled(), Redirected())
    consumer = ShardConsumer("rooms", 2, cast(Any, Sharding()), **parts)
    consumer._stopped = stops
    await consumer._run([arrived(too_often), arrived(marker)])
    assert (drained, marker.frames) == (([], []) if stops else ([(7, 2)], ["ack"]))


async def test_an_empty_batch_is_acknowledged() -> None:
    delivery, handled, redirected = Delivery(), Handled(), Redirected()
    await consume(delivery, handled, redirected)
    assert (delivery.frames, handled.batches, redirected.sent) == (["ack"], [], [])


async def test_an_empty_batch_is_acknowledged_however_often_it_was_delivered() -> None:
    delivery, handled, redirected = Delivery(deliveries=11), Handled(), Redirected()
    await consume(delivery, handled, redirected)
    assert (delivery.frames, handled.batches, redirected.sent) == (["ack"], [], [])


async def test_a_batch_in_hand_moves_with_each_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(progress, "time", clock)
    stalled: list[str | None] = []

    class Slow(Handled):
        async def handle(self, batch: Sequence[Admitted], *, alone: bool = False) -> list[bytes | None]:
            clock.now += 20.0
            stalled.append(consumer.progress.stalled(after=30.0))
            return await Handled.handle(self, batch, alone=alone)

    consumer: Consumer = a_consumer(Slow(bad=BAD["id"]), Redirected())
    with consumer.progress.in_hand():
        await consumer._run([arrived(Delivery(GOOD, BAD, LAST))])
    assert stalled == [None] * 4
