"""The consumer of one shard: it handles commands as the queue of commands would, and records markers."""

from typing import Any

from practio_chassis.database.sharding import Sharding
from practio_chassis.inbound.arrival import Arrival
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.shards.marker import epoch_of


class ShardConsumer(Consumer):
    """Handles the commands of one shard, in order; none waits, since a marker says that all before it was handled."""

    def __init__(self, service: str, shard: int, sharding: Sharding, **consumer: Any) -> None:
        super().__init__(**consumer | {"continuing": ()})
        self._service = service
        self._shard = shard
        self._sharding = sharding

    async def _run(self, batch: list[Arrival]) -> bool:
        """Handle a batch, then record its markers: what came before them is committed, or on its way to be retried.

        If not all of it was handled, no marker is recorded.
        """
        marked = [(arrival, epoch_of(arrival.raw, service=self._service)) for arrival in batch]
        commands = [arrival for arrival, epoch in marked if epoch is None]
        if not await super()._run(commands):
            return False
        for arrival, epoch in marked:
            if epoch is not None:
                await self._record(arrival, epoch)
        return True

    async def _record(self, arrival: Arrival, epoch: int) -> None:
        await self._through_faults(lambda: self._sharding.note_drained(epoch, self._shard))
        await self._settlement.finish((arrival, None))
