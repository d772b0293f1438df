"""Consumes commands and events from one queue: admits, handles in batches, answers, acknowledges."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database import engine
from practio_chassis.handling import envelopes
from practio_chassis.handling.transaction import Admitted, Transaction
from practio_chassis.inbound.acks import Acknowledgements
from practio_chassis.inbound.admission import Admission, Delivery, Origin, Rejected, admit, known_type, origin_of
from practio_chassis.inbound.batching import Batcher
from practio_chassis.inbound.received import ReceivedMessage
from practio_chassis.inbound.retry import Redirect, dead_letter_redirect, retry_redirect
from practio_chassis.outbound.replies import DIRECT_REPLY, Replies
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import BATCH, DEAD, HANDLED, LAG, RETRIED, SECONDS
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.envelope import write
from practio_contracts.message import Message

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivered message with its origin and the result of the admission check."""

    raw: AbstractIncomingMessage
    origin: Origin
    admission: Admission

    @classmethod
    def of(cls, raw: AbstractIncomingMessage, *, service: str, subscriptions: frozenset[type[Message]]) -> "Arrival":
        """Return a message with its admission; never raises."""
        delivery = Delivery(
            body=raw.body,
            exchange=raw.exchange or "",
            routing_key=raw.routing_key or "",
            account=raw.user_id,
            headers=raw.headers,
            content_type=raw.content_type,
        )
        origin = origin_of(delivery, service=service)
        return cls(raw, origin, admit(delivery, origin, service=service, subscriptions=subscriptions))


class Consumer:
    """Handles the messages of ``queue`` for a service, in order, with one transaction per batch."""

    def __init__(
        self,
        *,
        service: str,
        queue: str,
        transaction: Transaction,
        pool: AsyncEngine,
        outlet: Replies,
        batch: int,
        linger: float,
    ) -> None:
        self._service = service
        self._queue = queue
        self._transaction = transaction
        self._pool = pool
        self._outlet = outlet
        self._acknowledgements = Acknowledgements()
        self._gather: Batcher[Arrival] = Batcher(self._run, most=batch, linger=linger)

    async def consume(self, arrived: Arrival) -> None:
        """Consume one message, and return when it is answered and acknowledged."""
        await self._gather.add(arrived)

    async def run(self) -> None:
        """Handle consumed messages until cancelled."""
        await self._gather.run()

    async def _run(self, batch: list[Arrival]) -> None:
        for arrived in batch:
            if isinstance(arrived.admission, Rejected):
                await self._reject(arrived, arrived.admission)
        if admitted := [arrived for arrived in batch if not isinstance(arrived.admission, Rejected)]:
            await self._handle(admitted)

    async def _handle(self, admitted: Sequence[Arrival]) -> None:
        BATCH.observe(len(admitted))
        started = time.perf_counter()
        await self._alone(admitted[0]) if len(admitted) == 1 else await self._together(admitted)
        SECONDS.labels(self._queue).observe(time.perf_counter() - started)

    async def _together(self, admitted: Sequence[Arrival]) -> None:
        """Handle all in one transaction; if it fails, handle each in its own, so that a bad one harms no other."""
        try:
            answers = await self._transaction.handle([_admitted(arrived) for arrived in admitted])
        except Exception as error:  # whatever it is, one of the batch or the database may be at fault
            _log.warning("batch rolled back", queue=self._queue, messages=len(admitted), **failure(error))
            for arrived in admitted:
                await self._alone(arrived)
        else:
            replied = [each for each in zip(admitted, answers, strict=True) if await self._reply(*each)]
            await self._acknowledge([arrived for arrived, _ in replied])

    async def _alone(self, arrived: Arrival) -> None:
        """Handle one message; while the database is away, it waits, unacknowledged, without counting attempts."""
        while True:
            try:
                [answer] = await self._transaction.handle([_admitted(arrived)])
            except Exception as error:  # an exception is a bug or a broken part: retried, then given up
                if await engine.answers(self._pool):
                    await self._retry_later(arrived, error)
                    return
                await engine.wait_until_it_answers(self._pool)
            else:
                await self._finish(arrived, answer)
                return

    async def _finish(self, arrived: Arrival, answer: bytes | None) -> None:
        if await self._reply(arrived, answer):
            await self._acknowledge([arrived])

    async def _reply(self, arrived: Arrival, answer: bytes | None) -> bool:
        """Send the answer, and return whether that succeeded; if not, the broker is to redeliver the message."""
        reply_to = arrived.raw.reply_to or ""
        if answer is None or not reply_to.startswith(DIRECT_REPLY):
            return True
        try:
            await self._outlet.answer(answer, reply_to=reply_to, correlation_id=arrived.raw.correlation_id)
        except LOST as error:
            await self._return_to_broker(arrived, error)
            return False
        return True

    async def _acknowledge(self, done: Sequence[Arrival]) -> None:
        """Acknowledge; if the channel is gone, the broker redelivers the messages, and the inbox recognises them."""
        try:
            with in_flight():
                await self._acknowledgements.acknowledge([arrived.raw for arrived in done])
        except LOST as error:
            _log.info("not acknowledged: the broker brings the messages again", queue=self._queue, **failure(error))
            return
        for arrived in done:
            _count(arrived, self._queue)

    async def _retry_later(self, arrived: Arrival, error: Exception) -> None:
        aside = retry_redirect(
            queue=self._queue,
            origin=arrived.origin,
            headers=arrived.raw.headers,
            error=f"{type(error).__qualname__} at {failure(error)['place']}",
        )
        _log.error("message could not be handled", to=aside.routing_key, **_about(arrived), **failure(error))
        await self._redirect(arrived, aside)

    async def _reject(self, arrived: Arrival, turned: Rejected) -> None:
        aside = dead_letter_redirect(
            queue=self._queue,
            origin=arrived.origin,
            headers=arrived.raw.headers,
            reason=turned.reason,
            detail=turned.detail,
        )
        _log.warning("message turned away", reason=turned.reason, **_about(arrived))
        answer = None
        if turned.refusal:
            envelope = envelopes.unreadable(
                turned.refusal,
                service=self._service,
                now=datetime.now(UTC),
                is_query=False,
                key=known_type(arrived.origin.routing_key),
            )
            answer = write(envelope)
        await self._redirect(arrived, aside, answer)

    async def _redirect(self, arrived: Arrival, aside: Redirect, answer: bytes | None = None) -> None:
        """Publish a message to its redirect with a confirm, then acknowledge it."""
        try:
            await self._outlet.redirect(arrived.raw, aside)
        except LOST as error:
            await self._return_to_broker(arrived, error)
            return
        if aside.exchange:
            DEAD.labels(self._queue, str(aside.headers["practio-reason"])).inc()
        else:
            RETRIED.labels(self._queue, aside.routing_key.rpartition(".")[2]).inc()
        await self._finish(arrived, answer)

    async def _return_to_broker(self, arrived: Arrival, error: Exception) -> None:
        _log.warning("message goes back to the broker", **_about(arrived), **failure(error))
        try:
            with in_flight():
                self._acknowledgements.note_returned(arrived.raw)
                await arrived.raw.nack(requeue=True)
        except LOST:
            _log.info("the channel is gone: the broker brings the message again by itself", **_about(arrived))


def _admitted(arrived: Arrival) -> Admitted:
    assert not isinstance(arrived.admission, Rejected)
    return arrived.admission


def _about(arrived: Arrival) -> dict[str, str | None]:
    """Return what may be logged about a message."""
    about = {"routing_key": known_type(arrived.origin.routing_key), "account": arrived.origin.account}
    if isinstance(arrived.admission, ReceivedMessage):
        envelope = arrived.admission.envelope
        about |= {"message_id": str(envelope.id), "correlation_id": envelope.correlationid}
    return about


def _count(arrived: Arrival, queue: str) -> None:
    kind = known_type(arrived.origin.routing_key) or "unknown"
    HANDLED.labels(kind, "turned-away" if isinstance(arrived.admission, Rejected) else "handled").inc()
    if isinstance(arrived.admission, ReceivedMessage):
        said_at = arrived.admission.envelope.time
        LAG.labels(queue).set(max(0.0, (datetime.now(UTC) - said_at).total_seconds()))
