"""The consumer of commands that may be spread: it handles them itself, or forwards them to the shards, in order.

RabbitMQ cannot hash them: the room is in the JSON that outside systems publish, and in no header or routing key. So
the one active consumer of the queue reads as much of each as its key, publishes it on the key's shard, and acknowledges
it once the broker has it there. It asks the database for nothing but the number of shards, once a second.

Nothing overtakes. A shard's queue keeps the order in which the forwarder published. If a forwarder is lost, the next
one gets everything that was not acknowledged, in order, and forwards it again: whatever is twice in a shard, or in two
shards, is handled where it comes first, and found in the inbox by the other, which has handled nothing later of that
room before. Another number of shards is taken up when all that was forwarded before has been handled (``_move``).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from aiormq.exceptions import ChannelInvalidStateError

from practio_chassis.broker.amqp_decoding import UNREADABLE_HEADERS
from practio_chassis.broker.queue_names import shard_queue
from practio_chassis.database.sharding import Sharding, ShardingRow
from practio_chassis.inbound.admission import is_copy
from practio_chassis.inbound.arrival import Arrival, receive
from practio_chassis.inbound.consumer import Consumer
from practio_chassis.inbound.retry import with_origin
from practio_chassis.inbound.shards.marker import epoch_of, marker
from practio_chassis.inbound.shards.shares import shard_of
from practio_chassis.outbound.redirects import Redirect
from practio_chassis.service import Service
from practio_chassis.telemetry.log import logger
from practio_chassis.telemetry.metrics import FORWARDED
from practio_contracts.broker_errors import LOST
from practio_contracts.envelope import data_in
from practio_contracts.message import Command

TRUSTED_SECONDS = 1.0
"""How long the number of shards is taken as known."""

_POLL_SECONDS = 0.1
_MARK_AGAIN_SECONDS = 30.0
_PAUSE_SECONDS = 1.0

T = TypeVar("T")

_log = logger(__name__)


class Forwarder(Consumer):
    """Handles the commands of a service, or forwards them to its shards, as the operator wants it."""

    def __init__(self, service: Service, sharding: Sharding, **consumer: Any) -> None:
        super().__init__(**consumer)
        self._service = service
        self._sharding = sharding
        subscriptions = frozenset(each for each in service.subscriptions() if issubclass(each, Command))
        self._receive = partial(receive, service=service.name, subscriptions=subscriptions)
        self._spread: ShardingRow | None = None
        self._read_at = float("-inf")
        self._channel: object = None
        FORWARDED.labels(self._settlement.queue)  # zero counts as well: a dashboard tells it from no data

    async def _run(self, batch: list[Arrival]) -> bool:
        if not (batch := _held(batch)):
            return False
        shards = await self._shards_for(batch)
        if not (batch := _held(batch)):
            return False
        commands, markers = self._split(batch)
        if shards == 1:
            is_handled = await super()._run([self._receive(arrival.raw) for arrival in commands])
        else:
            is_handled = await self._forward(commands, shards)
        if markers and is_handled:
            await self._settlement.finish(*((arrival, None) for arrival in markers))
        return is_handled

    def _split(self, batch: Sequence[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
        """Return the commands of a batch, and its markers."""
        commands: list[Arrival] = []
        markers: list[Arrival] = []
        for arrival in batch:
            is_command = epoch_of(arrival.raw, service=self._service.name) is None
            (commands if is_command else markers).append(arrival)
        return commands, markers

    async def _forward(self, batch: Sequence[Arrival], shards: int) -> bool:
        """Forward a batch; try again until the broker has it: what is let go of would come after the next batch.

        If the channel of its messages is lost, the broker delivers all of them again, in their order. Return whether
        all of them were forwarded.
        """
        moves = []
        for arrival in batch:
            headers = arrival.raw.headers
            if is_copy(headers) or UNREADABLE_HEADERS in headers:  # published again, they would be like any other
                if not await super()._run([self._receive(arrival.raw)]):
                    return False
                continue
            shard = shard_of(self._key_of(arrival), shards)
            moves.append((arrival, Redirect("", self._queue(shard), with_origin(headers, arrival.origin))))
        if not moves:
            return True
        while moves := [(arrival, redirect) for arrival, redirect in moves if _channel_of(arrival) is not None]:
            try:
                await self._settlement.forward(moves)
            except LOST as error:
                await self._try_again("commands cannot be forwarded yet", error)
            else:
                FORWARDED.labels(self._settlement.queue).inc(len(moves))
                return True
        return False

    def _key_of(self, arrival: Arrival) -> bytes | None:
        assert self._service.shard_key is not None
        raw = arrival.raw
        return self._service.shard_key(data_in(raw.body, content_type=raw.content_type, headers=raw.headers))

    def _queue(self, shard: int) -> str:
        return shard_queue(self._service.name, shard)

    async def _shards_for(self, batch: Sequence[Arrival]) -> int:
        """Return over how many shards commands are spread now; move to the wanted number first.

        A forwarder that has lost its queue moves nothing: the next one may be at it.
        """
        channel = _channel_of(batch[0])
        spread = await self._surely(lambda: self._fresh(channel))
        while spread.wanted != spread.active and _held(batch):
            spread = await self._move(spread, batch)
        self._spread = spread
        return spread.active

    async def _fresh(self, channel: object) -> ShardingRow:
        """Return the row, at most a second old, in an epoch of this forwarder's own.

        If messages come through another channel than before, there may have been another forwarder meanwhile. The same
        is assumed if their channel is lost, and ``channel`` is None.
        """
        known = self._spread if channel is not None and channel is self._channel else None
        if known and time.monotonic() - self._read_at < TRUSTED_SECONDS:
            return known
        read_at = time.monotonic()
        spread = await self._sharding.read()
        if known is None or spread.epoch != known.epoch:
            spread = await self._sharding.begin()
        self._spread, self._read_at, self._channel = spread, read_at, channel
        return spread

    async def _move(self, spread: ShardingRow, batch: Sequence[Arrival]) -> ShardingRow:
        """Spread commands over another number as soon as the shards are dry; return the row afterwards.

        Each shard gets a marker behind everything that was forwarded to it. Its consumer handles that, and then records
        the marker. If another forwarder has begun an epoch meanwhile, or the operator has changed his mind, nothing is
        moved: this is called again, or not.
        """
        self._read_at = float("-inf")
        if spread.active > 1:
            spread = await self._surely(self._sharding.begin)
            _log.info("commands wait until the shards are dry", shards=spread.active, wanted=spread.wanted)
            if not await self._drained(spread, batch):
                return await self._begun_again(spread, batch)
        moved = await self._surely(lambda: self._sharding.move(spread))
        if moved is None:
            return await self._begun_again(spread, batch)
        _log.info("commands are spread over another number of shards", shards=moved.active)
        return moved

    async def _begun_again(self, spread: ShardingRow, batch: Sequence[Arrival]) -> ShardingRow:
        """Return the row in a new epoch; as it was if the queue is lost, and the epoch another forwarder's."""
        return await self._surely(self._sharding.begin) if _held(batch) else spread

    async def _drained(self, spread: ShardingRow, batch: Sequence[Arrival]) -> bool:
        """Mark the end of each shard, and wait until all have come to it; return whether that is still wanted."""
        marked_at = float("-inf")
        while _held(batch):
            if time.monotonic() - marked_at > _MARK_AGAIN_SECONDS:
                await self._mark(spread, batch)
                marked_at = time.monotonic()
            self.progress.note_moving()
            now = await self._surely(self._sharding.read)
            if (now.epoch, now.wanted) != (spread.epoch, spread.wanted):
                return False
            if set(now.drained) >= set(range(spread.active)):
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def _mark(self, spread: ShardingRow, batch: Sequence[Arrival]) -> None:
        while _held(batch):
            try:
                await self._settlement.mark([marker(self._queue(each), spread.epoch) for each in range(spread.active)])
            except LOST as error:
                await self._try_again("shards cannot be marked yet", error)
            else:
                return

    async def _surely(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of work on the database, however long it takes: what is in hand must keep its order."""
        while True:
            try:
                return await self._through_faults(work)
            except Exception as error:  # no message is at fault
                await self._try_again("the number of shards cannot be read", error)

    async def _try_again(self, what: str, error: Exception) -> None:
        _log.warning(f"{what}: tried again; practio provision creates missing queues", **self._about(error))
        await asyncio.sleep(_PAUSE_SECONDS)


def _held(batch: Sequence[Arrival]) -> list[Arrival]:
    """Return the messages that are still in hand: the broker delivers those of a lost channel again, all of them."""
    return [arrival for arrival in batch if _channel_of(arrival) is not None]


def _channel_of(arrival: Arrival) -> object | None:
    """Return the channel through which a message came; None if it is lost."""
    try:
        return arrival.raw.channel
    except ChannelInvalidStateError:
        return None
