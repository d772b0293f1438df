"""A consumer that leaves its queue: the batch under way is finished, and the rest stays in hand, in its order."""

import asyncio
from typing import Any, cast

import pytest
from tests.support.eventually import eventually

from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.admission import Origin
from practio_chassis.inbound.arrival import Arrival
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.settlement import Settlement

A_COMMAND = Arrival(cast(Any, None), Origin("practio.commands", "membership.withdraw.v1", "outside"))


class Settled:
    """A queue whose deliveries must not be settled any more."""

    queue = home = "membership.commands"

    async def return_to_broker(self, arrival: Arrival, error: Exception) -> None:
        raise AssertionError("returned one by one, they would come back behind what the next instance has already")


class Holding(Consumer):
    """Records its batches, each of which ends when the test lets it."""

    def __init__(self, *, batch: int) -> None:
        super().__init__(
            settlement=cast(Settlement, Settled()),
            transaction=cast(Transaction, None),
            pool=cast(Any, None),
            batch=batch,
            gather_seconds=0.0,
        )
        self.begun: list[list[Arrival]] = []
        self.may_end = asyncio.Event()
        self.ended = 0

    async def _run(self, batch: list[Arrival]) -> bool:
        self.begun.append(batch)
        await self.may_end.wait()
        self.ended += 1
        return True


async def a_consumer_at_work() -> tuple[Holding, list[asyncio.Task[None]], asyncio.Task[None]]:
    """Return a consumer with three messages in hand, of which two are in the batch under way."""
    consumer = Holding(batch=2)

    async def run() -> None:
        while True:
            await consumer.run_once()

    consuming = [asyncio.create_task(consumer.consume(A_COMMAND)) for _ in range(3)]
    running = asyncio.create_task(run())
    await eventually(lambda: consumer.begun)
    return consumer, consuming, running


async def test_the_batch_under_way_is_finished_and_no_other_begins() -> None:
    consumer, consuming, running = await a_consumer_at_work()
    stopping = asyncio.create_task(consumer.stop(within=10))
    await asyncio.sleep(0)
    assert not stopping.done()
    consumer.may_end.set()
    await stopping
    await asyncio.wait(consuming)
    assert (len(consumer.begun), consumer.ended) == (1, 1)
    assert consuming[2].cancelled()
    running.cancel()


async def test_a_batch_that_takes_too_long_is_not_waited_for() -> None:
    consumer, consuming, running = await a_consumer_at_work()
    await consumer.stop(within=0.01)
    await asyncio.wait(consuming)
    assert all(each.cancelled() for each in consuming)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert consumer.ended == 0
