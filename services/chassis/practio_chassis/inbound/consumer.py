"""Consumes commands and events from one queue: handles them in order, in batches, whatever fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from practio_chassis.context import NotKnownYetError, ReceivedMessage
from practio_chassis.handling.transaction import Transaction
from practio_chassis.inbound.arrival import AcceptedArrival, Arrival, BatchArrival, RejectedArrival
from practio_chassis.inbound.batching import Batcher
from practio_chassis.inbound.patience import wait_out_faults
from practio_chassis.inbound.progress import Progress
from practio_chassis.inbound.retry import cause_of, is_last_attempt, retry_redirect, unexpected_failure
from practio_chassis.inbound.settlement import Settlement, deliveries
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import BATCH, SECONDS
from practio_contracts.message import Command

_SLOW_ATTEMPTS = 3
"""How often a statement may run out of time before the message is taken for its cause."""

_DELIVERIES = 10
"""How often a message, or a batch, is delivered before one is looked for that ends the service: all are handled alone.

The broker dead-letters a message after many more deliveries (``DELIVERY_LIMIT``), and whatever was in hand with it.
"""

_ENDS = 3
"""How often the service ends with one message alone in hand before that is taken for the cause."""

ENDS_SERVICE = "ends-service"
"""The reason of a dead letter whose handling ends the process."""

T = TypeVar("T")

_log = logger(__name__)


class Consumer:
    """Handles the messages of one queue for a service, in order, with one transaction per batch.

    A fault of the database is waited out with the messages in hand, in their order, without counting attempts. A fault
    of a message sends it, alone, to a retry tier (``database/faults.py`` tells them apart).
    """

    def __init__(
        self,
        *,
        settlement: Settlement,
        transaction: Transaction,
        pool: AsyncEngine,
        batch: int,
        gather_seconds: float,
        continuing: Collection[str] = (),
    ) -> None:
        """``continuing`` are the routing keys of commands that continue long work."""
        self.progress = Progress(settlement.queue)
        self._settlement = settlement
        self._transaction = transaction
        self._pool = pool
        self._batcher: Batcher[Arrival] = Batcher(
            self._run_in_turn,
            most=batch,
            gather_seconds=gather_seconds,
            count=_messages_in,
            continues=lambda arrival: arrival.origin.routing_key in continuing,
        )
        self._turn = asyncio.Lock()
        self._stopped = False
        self._in_hand: set[asyncio.Task[Any]] = set()

    async def consume(self, arrival: Arrival) -> None:
        """Consume one message, and return when it is answered and acknowledged."""
        with self.progress.in_hand(), self._task_in_hand():
            try:
                await self._batcher.add(arrival)
            except Exception as error:  # nothing may be left in hand: unacknowledged, it would never come again
                await self._settlement.return_to_broker(arrival, error)

    async def run_once(self) -> bool:
        """Handle the next batch of consumed messages; wait for one if there is none."""
        await self._batcher.run_once()
        return True

    async def stop(self, *, within: float) -> None:
        """Finish the batch under way if it takes no longer than ``within`` seconds, and let go of all other messages.

        They stay unacknowledged until their channel is closed: only then does the broker let the next instance have
        them, in their order. If the consumer were cancelled instead, that instance would get later ones at once.
        """
        self._stopped = True
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._turn:
                pass
        for task in self._in_hand:
            task.cancel()

    @contextmanager
    def _task_in_hand(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._in_hand.add(task)
        try:
            yield
        finally:
            self._in_hand.discard(task)

    async def _run_in_turn(self, batch: list[Arrival]) -> None:
        async with self._turn:
            if not self._stopped:
                await self._run(batch)

    async def _run(self, batch: list[Arrival]) -> bool:
        """Handle a batch; return whether all of it was, and not only what came before the service was stopped."""
        together: list[Arrival] = []
        for delivered in batch:
            if deliveries(delivered) <= _DELIVERIES:
                together.append(delivered)
                continue
            await self._run_together(together)
            together = []
            if not await self._run_alone(delivered):
                return False
        await self._run_together(together)
        return True

    async def _run_together(self, batch: Sequence[Arrival]) -> None:
        arrivals = [arrival for delivered in batch for arrival in await self._opened(delivered)]
        if accepted := await self._accepted(arrivals):
            BATCH.labels(self._settlement.queue).observe(len(accepted))
            started = time.perf_counter()
            await self._handle(accepted)
            SECONDS.labels(self._settlement.queue).observe(time.perf_counter() - started)

    async def _run_alone(self, delivered: Arrival) -> bool:
        """Handle a message, or the events of a batch, each alone, to find the one that ends the service.

        The order of a subject stays: nothing is put behind what came later. Return false if the service is stopped
        meanwhile: what is left, and all that follows, is delivered to the next instance.
        """
        _log.warning("delivered too often: handled alone", **delivered.log_fields())
        for arrival in await self._accepted(await self._opened(delivered)):
            if self._stopped:
                return False
            async with self._transaction.alone:
                await self._handle_alone(arrival)
        return True

    async def _handle_alone(self, arrival: AcceptedArrival) -> None:
        admitted = arrival.admitted
        if not isinstance(admitted, ReceivedMessage):
            await self._handle([arrival])  # refused, whatever it is
            return
        ends = await self._through_faults(lambda: self._transaction.begin_alone(admitted))
        if ends >= _ENDS:
            what = f"the service ended {ends} times while it handled this message alone"
            await self._dead_letter(arrival, ENDS_SERVICE, what, log={"queue": self._settlement.queue})
        elif await self._handle([arrival], alone=True):
            return  # the transaction that handled it has forgotten the attempt
        await self._through_faults(lambda: self._transaction.end_alone(admitted))

    async def _opened(self, delivered: Arrival) -> Sequence[Arrival]:
        """Return a message, or the events of a batch; none if the batch is empty."""
        if not isinstance(delivered, BatchArrival):
            return [delivered]
        if not (events := delivered.open()):
            await self._settlement.finish((delivered, None))
        return events

    async def _accepted(self, arrivals: Sequence[Arrival]) -> list[AcceptedArrival]:
        """Return what is to be handled; dead-letter the rest."""
        await self._settlement.reject(*(arrival for arrival in arrivals if isinstance(arrival, RejectedArrival)))
        return [arrival for arrival in arrivals if isinstance(arrival, AcceptedArrival)]

    async def _handle(self, batch: Sequence[AcceptedArrival], *, alone: bool = False) -> bool:
        """Handle a batch in one transaction; if a message is at fault, handle each in its own, and return false."""
        try:
            admitted = [arrival.admitted for arrival in batch]
            answers = await self._through_faults(lambda: self._transaction.handle(admitted, alone=alone))
        except Exception as error:  # whatever it is, one of the batch is at fault: it must harm no other
            if len(batch) == 1:
                await self._retry_later(batch[0], error)
                return False
            _log.warning("batch rolled back", messages=len(batch), **self._about(error))
            for arrival in batch:
                await self._handle([arrival])
            return False
        await self._settlement.finish(*zip(batch, answers, strict=True))
        return True

    async def _through_faults(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of a transaction. Raise what it raises; in either case the queue has moved."""
        try:
            return await wait_out_faults(work, pool=self._pool, progress=self.progress, slow_attempts=_SLOW_ATTEMPTS)
        finally:
            self.progress.note_moving()

    async def _retry_later(self, arrival: AcceptedArrival, error: Exception) -> None:
        """Move a message to the next retry tier, or to the dead-letter queue after the last; then it is answered."""
        command = _command_of(arrival)
        reason, what = cause_of(error)
        if not is_last_attempt(arrival.origin):
            if command is not None:
                await self._through_faults(lambda: self._transaction.note_retry(command))
            redirect = retry_redirect(queue=self._settlement.home, origin=arrival.origin, headers=arrival.headers)
            log = _log.info if isinstance(error, NotKnownYetError) else _log.error
            log("message failed", to=redirect.routing_key, reason=reason, **arrival.log_fields(), **self._about(error))
            await self._settlement.retry(arrival, redirect)
            return
        what = f"failed after {arrival.origin.attempt + 1} attempts: {what}"
        await self._dead_letter(arrival, reason, what, log=self._about(error))

    async def _dead_letter(self, arrival: AcceptedArrival, reason: str, what: str, *, log: Mapping[str, str]) -> None:
        """Move a message to the dead-letter queue, and answer it."""
        command = _command_of(arrival)
        failure_id = str(uuid7())
        _log.error("message failed for good", failure_id=failure_id, reason=reason, **arrival.log_fields(), **log)
        answer = None
        if command is not None:
            refusal = unexpected_failure(failure_id)
            answer = await self._through_faults(lambda: self._transaction.dead_letter(command, refusal))
        await self._settlement.dead_letter(arrival, reason=reason, detail=f"{what} ({failure_id})", answer=answer)

    def _about(self, error: Exception) -> dict[str, str]:
        return {"queue": self._settlement.queue, **failure(error)}


def _command_of(arrival: AcceptedArrival) -> ReceivedMessage[Any] | None:
    admitted = arrival.admitted
    return admitted if isinstance(admitted, ReceivedMessage) and isinstance(admitted.message, Command) else None


def _messages_in(delivered: Arrival) -> int:
    return delivered.count if isinstance(delivered, BatchArrival) else 1
