"""Batches: everything that has arrived, in order, one batch after the other."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from tests.support.eventually import eventually

from practio_chassis.inbound.batching import Batcher


class RecordingHandler:
    """Records the batches, and holds each until ``go`` is set."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()

    async def run(self, batch: list[int]) -> None:
        self.seen.append(batch)
        await self.go.wait()


async def forever(batcher: Batcher[int]) -> None:
    while True:
        await batcher.run_once()


async def run_batcher(run: Callable[[list[int]], Awaitable[None]], items: range, *, most: int = 100) -> None:
    batcher: Batcher[int] = Batcher(run, most=most)
    working = asyncio.create_task(forever(batcher))
    try:
        await asyncio.gather(*(batcher.add(item) for item in items))
    finally:
        working.cancel()


async def test_a_single_message_is_one_batch_and_those_that_arrived_meanwhile_are_the_next() -> None:
    batches = RecordingHandler()
    batcher: Batcher[int] = Batcher(batches.run, most=100)
    working = asyncio.create_task(forever(batcher))
    first = asyncio.create_task(batcher.add(0))
    await eventually(lambda: batches.seen)
    rest = [asyncio.create_task(batcher.add(item)) for item in range(1, 51)]
    await asyncio.sleep(0)
    batches.go.set()
    await asyncio.gather(first, *rest)
    working.cancel()
    assert batches.seen == [[0], list(range(1, 51))]


async def test_no_batch_exceeds_its_limit_and_the_order_is_kept() -> None:
    batches = RecordingHandler()
    batches.go.set()
    await run_batcher(batches.run, range(250), most=100)
    assert [item for batch in batches.seen for item in batch] == list(range(250))
    assert max(map(len, batches.seen)) == 100


async def test_an_item_counts_for_as_many_messages_as_it_stands_for() -> None:
    batches = RecordingHandler()
    batches.go.set()
    batcher: Batcher[int] = Batcher(batches.run, most=100, count=lambda item: item)
    working = asyncio.create_task(forever(batcher))
    await asyncio.gather(*(batcher.add(item) for item in (60, 40, 60, 50, 1, 300, 99, 1)))
    working.cancel()
    assert batches.seen == [[60, 40], [60], [50, 1], [300], [99, 1]]


async def test_a_batch_waits_for_more_under_load_and_few_messages_do_not() -> None:
    batches = RecordingHandler()
    batches.go.set()
    batcher: Batcher[int] = Batcher(batches.run, most=100, gather_seconds=360_000)
    working = asyncio.create_task(forever(batcher))
    for item in range(50):
        await batcher.add(item)
    others = [asyncio.create_task(batcher.add(item)) for item in range(50, 100)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert batches.seen == [[item] for item in range(50)]
    for task in [working, *others]:
        task.cancel()


async def test_a_batch_that_waits_for_more_is_handled_as_soon_as_it_is_full() -> None:
    batches = RecordingHandler()
    batches.go.set()
    batcher: Batcher[int] = Batcher(batches.run, most=100, gather_seconds=360_000)
    working = asyncio.create_task(forever(batcher))
    await asyncio.gather(*(batcher.add(item) for item in range(100)))
    waiting = [asyncio.create_task(batcher.add(item)) for item in range(100, 150)]
    await asyncio.sleep(0)
    assert batches.seen == [list(range(100))]
    waiting += [asyncio.create_task(batcher.add(item)) for item in range(150, 200)]
    await asyncio.gather(*waiting)
    working.cancel()
    assert batches.seen == [list(range(100)), list(range(100, 200))]


async def test_a_single_message_does_not_wait_once_the_load_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = RecordingHandler()
    batches.go.set()
    batcher: Batcher[int] = Batcher(batches.run, most=100, gather_seconds=360_000)
    working = asyncio.create_task(forever(batcher))
    await asyncio.gather(*(batcher.add(item) for item in range(100)))
    later = time.monotonic() + 1.5
    monkeypatch.setattr("practio_chassis.inbound.batching.time", SimpleNamespace(monotonic=lambda: later))
    await batcher.add(100)
    working.cancel()
    assert batches.seen == [list(range(100)), [100]]


async def test_an_error_of_a_batch_ends_the_loop_and_reaches_every_waiting_caller() -> None:
    async def fail(_batch: list[int]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_batcher(fail, range(3))


class Clock:
    """The batcher's clock, moved by hand; and a handler of chunks of long work, which take a tenth of a second."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.seen: list[list[int]] = []

    def monotonic(self) -> float:
        return self.now

    async def run(self, batch: list[int]) -> None:
        self.seen.append(batch)
        self.now += 0.1 if batch[0] < 0 else 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("practio_chassis.inbound.batching.time", clock)
    return clock


@asynccontextmanager
async def added(batcher: Batcher[int], *items: int) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(batcher.add(item)) for item in items]
    await asyncio.sleep(0)
    yield
    for task in tasks:
        task.cancel()


def with_long_work(clock: Clock) -> Batcher[int]:
    return Batcher(clock.run, most=100, continues=lambda item: item < 0)


async def test_long_work_lets_others_go_first_and_is_in_no_batch_with_them(clock: Clock) -> None:
    batcher = with_long_work(clock)
    async with added(batcher, -1, 1, 2):
        await batcher.run_once()
        await batcher.run_once()
    assert clock.seen == [[1, 2], [-1]]


async def test_long_work_rests_as_long_as_its_last_chunk_took(clock: Clock) -> None:
    batcher = with_long_work(clock)
    async with added(batcher, -1):
        await batcher.run_once()
    async with added(batcher, -2):
        resting = asyncio.create_task(batcher.run_once())
        for _ in range(10):
            await asyncio.sleep(0)
        assert clock.seen == [[-1]]
        async with added(batcher, 1):
            await resting
        clock.now += 0.1
        await batcher.run_once()
    assert clock.seen == [[-1], [1], [-2]]


async def test_long_work_goes_on_by_itself_once_it_has_rested(clock: Clock) -> None:
    batcher = with_long_work(clock)
    async with added(batcher, -1):
        await batcher.run_once()
    async with added(batcher, -2):
        resting = asyncio.create_task(batcher.run_once())
        await asyncio.sleep(0)
        clock.now += 0.1
        await asyncio.wait_for(resting, timeout=30)
    assert clock.seen == [[-1], [-2]]


async def test_long_work_goes_on_after_a_quarter_of_a_second_whatever_else_waits(clock: Clock) -> None:
    batcher = with_long_work(clock)
    async with added(batcher, -1):
        await batcher.run_once()
    async with added(batcher, -2, 1, *range(2, 202)):
        clock.now += 0.2
        await batcher.run_once()
        clock.now += 0.05
        await batcher.run_once()
    assert [batch[0] for batch in clock.seen] == [-1, 1, -2]
