"""An instance's shards: whatever the broker does, its locks are freed; a lost courtesy ends nothing."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from practio_chassis.broker.channel_recovery import ChannelRecovery
from practio_chassis.broker.connection import close
from practio_chassis.database.sharding import ShardingRow
from practio_chassis.inbound.shards import shards as module
from practio_chassis.inbound.shards.claims import Held
from practio_chassis.inbound.shards.shards import Shards

CUT = [
    Exception("as aiormq raises it"),
    asyncio.CancelledError("as aiormq raises it in a task that nobody cancels"),
    ConnectionError("gone"),
]


class Ending:
    """A channel, a shard's queue or a connection that raises ``error`` as it is closed; 4 messages in hand."""

    is_closed, is_open, prefetch = False, True, 4

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error
        self.closings = 0

    async def close(self, **options: float) -> None:
        self.closings += 1
        if self._error is not None:
            raise self._error


class Together(Ending):
    """A shard's queue that is closed once all of them are being closed."""

    def __init__(self, barrier: asyncio.Barrier, *, prefetch: int = 4) -> None:
        super().__init__()
        self._barrier, self.prefetch = barrier, prefetch

    async def close(self, **options: float) -> None:
        async with asyncio.timeout(5):
            await self._barrier.wait()

    async def open(self, connection: object) -> None:
        pass


class Session:
    """A session of the database that has locks until it is invalidated."""

    def __init__(self) -> None:
        self.has_locks = True

    async def invalidate(self) -> None:
        self.has_locks = False


class Claims:
    """Locks of an instance that is alone, or has another one beside it, with all shards in its hands."""

    def __init__(self, *, instances: int, shards: int) -> None:
        self._held = Held(1, list(range(1, instances + 1)), dict.fromkeys(range(shards), 1))
        self.given_up: list[int] = []

    async def held(self) -> Held:
        return self._held

    async def give_up(self, shard: int) -> None:
        self.given_up.append(shard)


async def as_read(spread: ShardingRow) -> ShardingRow:
    return spread


async def fails() -> None:
    raise ConnectionError("gone")


def some_shards(held: dict[int, Any], connection: Any = None, **options: Any) -> Shards:
    defaults = {"sharding": None, "pool": None, "shard_queue": None, "wake_forwarder": None}
    shards = Shards(service="membership", broker_url="", prefetch=16, **cast(Any, defaults | options))
    shards._held, shards._connection = held, connection
    return shards


@pytest.mark.parametrize("error", CUT)
async def test_the_end_of_what_is_lost_already_raises_nothing(error: BaseException) -> None:
    await close(cast(Any, Ending(error)))


@pytest.mark.parametrize("error", CUT)
async def test_a_queue_is_left_even_if_the_connection_is_cut_meanwhile(error: BaseException) -> None:
    left, kept = Ending(error), Ending()
    subscribers = [
        SimpleNamespace(queue=SimpleNamespace(name=name), _queue_obj=SimpleNamespace(channel=channel))
        for name, channel in (("membership.commands", left), ("membership.queries", kept))
    ]
    await ChannelRecovery(cast(Any, SimpleNamespace(subscribers=subscribers))).leave("membership.commands")
    assert (left.closings, kept.closings) == (1, 0)


@pytest.mark.parametrize("error", [*CUT, ValueError("whatever it is")])
async def test_locks_are_freed_whatever_the_end_of_the_shards_raises(error: BaseException) -> None:
    session = Session()
    shards = some_shards({0: Ending(error), 1: Ending()}, Ending(CUT[0]))
    await shards._let_go(cast(Any, session))
    assert not session.has_locks


async def test_shards_are_given_up_side_by_side() -> None:
    both = asyncio.Barrier(2)
    shards, claims = some_shards({each: Together(both, prefetch=8) for each in range(4)}), Claims(instances=2, shards=4)
    await shards._take_share(cast(Any, claims), 4)
    assert claims.given_up == [2, 3]


async def test_shards_are_opened_again_side_by_side_with_another_number_in_hand() -> None:
    all_four = asyncio.Barrier(4)
    shards = some_shards(
        {each: Together(all_four, prefetch=1) for each in range(4)},
        Ending(),
        shard_queue=lambda shard, prefetch: Together(all_four, prefetch=prefetch),
    )
    await shards._take_share(cast(Any, Claims(instances=1, shards=4)), 4)
    assert [each.prefetch for each in shards.consumed] == [4] * 4


class Reopened(Ending):
    """A shard's queue that opens on any connection but one that is lost and does not know it."""

    is_open = False

    async def open(self, connection: object) -> None:
        if isinstance(connection, Lost):
            raise RuntimeError("Connection was not opened")
        self.is_open = True


class Lost(Ending):
    """A connection that has no transport any more, and is not closed either."""


async def test_a_connection_that_is_lost_and_does_not_say_so_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect_once(url: str, *, name: str) -> Ending:
        return Ending()

    monkeypatch.setattr(module, "connect_once", connect_once)
    held = {each: Reopened() for each in range(2)}
    shards = some_shards(dict(held), Lost(), shard_queue=lambda shard, prefetch: Reopened())
    for _ in range(2):
        await shards._take_share(cast(Any, Claims(instances=1, shards=2)), 2)
    assert shards.consuming
    assert not isinstance(shards._connection, Lost)


@pytest.mark.parametrize("wake", [fails, asyncio.Event().wait])
async def test_a_forwarder_that_cannot_be_woken_ends_nothing(wake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAKE_SECONDS", 0.0)
    spread = ShardingRow(wanted=3, active=2, queues=3, epoch=1, drained=())
    sharding = SimpleNamespace(read=lambda: as_read(spread))
    async with asyncio.timeout(5):
        assert await some_shards({}, sharding=sharding, wake_forwarder=wake)._queues() == 3
