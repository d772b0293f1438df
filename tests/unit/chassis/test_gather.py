"""Batches: everything that has arrived, in order, one batch after the other."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.support.eventually import eventually

from practio_chassis.inbound.batching import Batcher


class Batches:
    """Notes the batches, and holds each until told."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()

    async def run(self, batch: list[int]) -> None:
        self.seen.append(batch)
        await self.go.wait()


async def with_gather(run: Callable[[list[int]], Awaitable[None]], items: range, *, most: int = 100) -> None:
    gather: Batcher[int] = Batcher(run, most=most)
    working = asyncio.create_task(gather.run())
    try:
        await asyncio.gather(*(gather.add(item) for item in items))
    finally:
        working.cancel()


async def test_a_lone_message_goes_alone_and_the_crowd_behind_it_together() -> None:
    batches = Batches()
    gather: Batcher[int] = Batcher(batches.run, most=100)
    working = asyncio.create_task(gather.run())
    first = asyncio.create_task(gather.add(0))
    await eventually(lambda: batches.seen)
    rest = [asyncio.create_task(gather.add(item)) for item in range(1, 51)]
    await asyncio.sleep(0)
    batches.go.set()
    await asyncio.gather(first, *rest)
    working.cancel()
    assert batches.seen == [[0], list(range(1, 51))]


async def test_no_batch_is_larger_than_it_may_be_and_order_is_kept() -> None:
    batches = Batches()
    batches.go.set()
    await with_gather(batches.run, range(250), most=100)
    assert [item for batch in batches.seen for item in batch] == list(range(250))
    assert max(map(len, batches.seen)) == 100


async def test_a_crowd_waits_for_more_of_it_and_a_lone_message_does_not() -> None:
    batches = Batches()
    batches.go.set()
    gather: Batcher[int] = Batcher(batches.run, most=100, linger=3_600)
    working = asyncio.create_task(gather.run())
    await gather.add(0)
    crowd = [asyncio.create_task(gather.add(item)) for item in range(1, 51)]
    await asyncio.sleep(0)
    assert batches.seen == [[0]]
    for task in [working, *crowd]:
        task.cancel()


async def test_what_a_batch_raises_ends_the_loop_and_reaches_those_who_wait() -> None:
    async def fail(_batch: list[int]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await with_gather(fail, range(3))
