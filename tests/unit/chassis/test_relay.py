"""The relay: events in batches if these reach their readers, singly if they reach none, else not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiormq.exceptions import DeliveryError, PublishError
from pamqp.commands import Basic
from sqlalchemy import MetaData
from tests.unit.chassis.test_event_batches import TO_NOTIFICATIONS, TO_ROOMS, Row

from practio_chassis.broker.publishing import Outgoing
from practio_chassis.database.tables import chassis_tables
from practio_chassis.outbound.leadership import LostLeadershipError
from practio_chassis.outbound.relay import Relay
from practio_contracts.catalogue import EVENTS, INTERNAL

JOINED = "membership.joined.v1"
ROWS = [Row(1, JOINED), Row(2, JOINED, subject="b")]
SINGLY = [(exchange, JOINED) for _ in ROWS for exchange in (INTERNAL, EVENTS)]
MOST = 500
"""The rows that a relay publishes at once: as if there were more, it goes on without waiting."""

PUBLIC = [(EVENTS, JOINED)] * 2
TRIED = [(INTERNAL, TO_NOTIFICATIONS), (INTERNAL, TO_ROOMS)]


class Channel:
    """Returns what is mandatory and has no binding, as the broker does; records everything, in order.

    Single events are bound, unless a test unbinds them.
    """

    def __init__(self, *bound: str) -> None:
        self.bound = {JOINED, *bound}
        self.troubles: dict[str, Exception] = {}
        self.published: list[tuple[str, str]] = []

    async def publish(self, message: Outgoing) -> Basic.Ack:
        self.published.append((message.exchange, message.routing_key))
        if message.routing_key in self.troubles:
            raise self.troubles[message.routing_key]
        if message.mandatory and message.routing_key not in self.bound:
            returned = Basic.Return(312, "NO_ROUTE", message.exchange, message.routing_key)
            raise PublishError(cast(Any, SimpleNamespace(delivery=returned)), returned)
        return Basic.Ack()

    def seen(self) -> list[tuple[str, str]]:
        seen, self.published = self.published, []
        return seen


class BeingUnbound(Channel):
    """Loses the binding of batches for rooms once a batch was published for it."""

    async def publish(self, message: Outgoing) -> Basic.Ack:
        answer = await super().publish(message)
        self.bound -= {message.routing_key} & {TO_ROOMS}
        return answer


async def publish_many(
    channel: Channel, messages: Sequence[Outgoing], *, before_each_write: Callable[[], None]
) -> list[object]:
    before_each_write()
    return await asyncio.gather(*(channel.publish(each) for each in messages), return_exceptions=True)


async def published(relay: Relay, channel: Channel) -> list[bool]:
    leadership = SimpleNamespace(check=lambda: None)
    return await relay._publish(cast(Any, channel), cast(Any, ROWS), cast(Any, leadership))


async def published_some(relay: Relay, channel: Channel) -> int:
    leadership = SimpleNamespace(check=lambda: None, spoke=lambda _: None, kept=nullcontext)
    return await relay._publish_some(cast(Any, Outbox()), cast(Any, channel), cast(Any, leadership))


class Outbox:
    """A session of the database, whose outbox always has the same rows."""

    async def execute(self, _: Any) -> SimpleNamespace:
        return SimpleNamespace(all=lambda: ROWS)


class Pool:
    """A pool of one session, on which another instance has the lock of leaders, or none has."""

    def __init__(self, *, is_led: bool) -> None:
        self._is_led = is_led
        self.invalidated = 0

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        yield self

    async def execution_options(self, **_: object) -> Any:
        return self

    async def scalar(self, _: object) -> bool:
        return not self._is_led

    async def execute(self, *_: object) -> SimpleNamespace:
        return SimpleNamespace(all=list)

    async def invalidate(self) -> None:
        self.invalidated += 1


class Record:
    """How events have travelled, in memory."""

    def __init__(self, *, were_read: bool = False) -> None:
        self.were_read = were_read

    async def batches_were_read(self) -> bool:
        return self.were_read

    async def note_batches_read(self) -> None:
        self.were_read = True


def a_relay(
    service: str = "membership",
    record: Record | None = None,
    faults: dict[str, str] | None = None,
    pool: Pool | None = None,
) -> Relay:
    return Relay(
        service=service,
        tables=chassis_tables(MetaData()),
        pool=cast(Any, pool),
        connection=cast(Any, None),
        carriage=record or Record(),
        faults={} if faults is None else faults,
    )


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the relay publish to a ``Channel`` of ours, and try batches each time."""
    monkeypatch.setattr("practio_chassis.outbound.relay.publish_many", publish_many)
    monkeypatch.setattr("practio_chassis.outbound.carriage._TRY_EVERY_SECONDS", 0.0)
    monkeypatch.setattr("practio_chassis.outbound.carriage._CHANGE_SECONDS", 0.0)


async def test_batches_that_came_back_are_not_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practio_chassis.outbound.carriage._TRY_EVERY_SECONDS", 3_600.0)
    channel, relay = Channel(), a_relay()
    await published(relay, channel)
    channel.seen()
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == SINGLY


async def test_without_bindings_for_batches_every_event_is_published_as_before() -> None:
    channel, relay = Channel(), a_relay()
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == [*TRIED, *SINGLY]


async def test_events_are_kept_if_batches_reach_one_reader_and_not_the_other() -> None:
    channel, relay = Channel(TO_ROOMS), a_relay()
    with pytest.raises(ConnectionError, match="reach every service"):
        await published(relay, channel)
    assert channel.seen() == TRIED


@pytest.mark.parametrize("trouble", [DeliveryError(None, Basic.Nack()), LostLeadershipError(), RuntimeError()])
async def test_events_are_kept_if_the_broker_does_not_say_whether_batches_are_read(trouble: Exception) -> None:
    channel, relay = Channel(), a_relay()
    channel.troubles = {TO_ROOMS: trouble, TO_NOTIFICATIONS: trouble}
    with pytest.raises(ConnectionError, match="reach every service"):
        await published(relay, channel)
    assert channel.seen() == TRIED


async def test_bindings_that_are_being_removed_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practio_chassis.outbound.carriage._CHANGE_SECONDS", 3_600.0)
    monkeypatch.setattr("practio_chassis.outbound.carriage._PAUSE_SECONDS", 0.0)
    channel, faults = BeingUnbound(TO_ROOMS), dict[str, str]()
    relay = a_relay(faults=faults)
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == TRIED + TRIED + SINGLY
    assert faults == {}


async def test_batches_begin_with_the_next_events_once_they_are_bound_and_are_tried_no_more() -> None:
    channel, relay = Channel(), a_relay()
    await published(relay, channel)
    channel.bound |= {TO_ROOMS, TO_NOTIFICATIONS}
    channel.seen()
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == [*TRIED, *TRIED, *PUBLIC]
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == [*TRIED, *PUBLIC]


async def test_events_whose_batch_comes_back_are_kept_and_go_singly_once_no_batch_is_to_be_read() -> None:
    record = Record()
    channel, relay = Channel(TO_ROOMS, TO_NOTIFICATIONS), a_relay(record=record)
    await published(relay, channel)
    channel.bound, record.were_read = {JOINED}, False
    channel.seen()
    assert await published(relay, channel) == [False, False]
    assert channel.seen() == [*TRIED, *PUBLIC]
    assert await published(relay, channel) == [True, True]
    assert channel.seen() == [*TRIED, *SINGLY]


async def test_a_batch_that_comes_back_is_no_fault_and_its_events_go_at_once() -> None:
    record = Record()
    channel, relay = Channel(TO_ROOMS, TO_NOTIFICATIONS), a_relay(record=record)
    await published_some(relay, channel)
    channel.bound, record.were_read = {JOINED}, False
    channel.seen()
    assert await published_some(relay, channel) == MOST
    assert await published_some(relay, channel) == len(ROWS)
    assert channel.seen() == [*TRIED, *PUBLIC, *TRIED, *SINGLY]


async def test_events_are_kept_if_no_batch_is_read_any_more_and_nobody_asked_for_single_events() -> None:
    record, faults = Record(were_read=True), dict[str, str]()
    channel, relay = Channel(), a_relay(record=record, faults=faults)
    with pytest.raises(ConnectionError, match="reach every service"):
        await published(relay, channel)
    assert channel.seen() == TRIED
    assert list(faults) == ["relay"]
    assert f"{TO_NOTIFICATIONS}, {TO_ROOMS} reach no queue: run practio provision" in faults["relay"]
    channel.bound |= {TO_ROOMS, TO_NOTIFICATIONS}
    assert await published(relay, channel) == [True, True]
    assert faults == {}


async def test_a_single_event_that_reaches_no_service_is_kept() -> None:
    channel, relay = Channel(), a_relay()
    channel.bound.clear()
    assert await published(relay, channel) == [False, False]


async def test_a_message_that_the_broker_refuses_is_a_fault() -> None:
    channel, relay = Channel(), a_relay()
    await published_some(relay, channel)
    channel.troubles = {JOINED: DeliveryError(None, Basic.Nack())}
    with pytest.raises(ConnectionError, match="every message"):
        await published_some(relay, channel)


async def test_events_are_kept_while_one_reader_has_lost_its_binding_for_batches() -> None:
    channel, relay = Channel(TO_ROOMS, TO_NOTIFICATIONS), a_relay()
    await published(relay, channel)
    channel.bound.remove(TO_ROOMS)
    channel.seen()
    assert await published(relay, channel) == [False, False]
    with pytest.raises(ConnectionError):
        await published(relay, channel)
    channel.bound.add(TO_ROOMS)
    assert await published(relay, channel) == [True, True]
    assert set(channel.seen()) == {*TRIED, *PUBLIC}


async def test_events_whose_batch_comes_back_go_singly_only_after_another_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practio_chassis.outbound.carriage._TRY_EVERY_SECONDS", 3_600.0)
    channel, relay = Channel(TO_ROOMS, TO_NOTIFICATIONS), a_relay()
    await published(relay, channel)
    channel.bound.remove(TO_ROOMS)
    assert await published(relay, channel) == [False, False]
    with pytest.raises(ConnectionError):
        await published(relay, channel)


async def test_a_batch_that_the_broker_refuses_leaves_its_events_where_they_are() -> None:
    channel, relay = Channel(TO_ROOMS, TO_NOTIFICATIONS), a_relay()
    await published(relay, channel)
    channel.troubles = {TO_ROOMS: DeliveryError(None, Basic.Nack())}
    channel.seen()
    assert await published(relay, channel) == [False, False]
    assert channel.seen() == [*TRIED, *PUBLIC]


async def test_an_instance_that_stands_by_looks_once_a_second_on_the_same_session() -> None:
    pool = Pool(is_led=True)
    assert not await a_relay(pool=pool).stand_by()
    assert not pool.invalidated


async def test_the_session_of_a_leader_ends_with_its_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lead(*_: object) -> None:
        raise ConnectionError

    pool = Pool(is_led=False)
    relay = a_relay(pool=pool)
    monkeypatch.setattr(relay, "_lead", lead)
    with pytest.raises(ConnectionError):
        await relay.stand_by()
    assert pool.invalidated == 1
