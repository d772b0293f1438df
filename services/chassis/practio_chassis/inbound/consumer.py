"""Takes wishes and events from one queue: reads, handles in batches, answers, acknowledges."""

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
from practio_chassis.outbound.replies import DIRECT_REPLY, Outlet
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import BATCH, DEAD, HANDLED, LAG, RETRIED, SECONDS
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.envelope import write
from practio_contracts.message import Message

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it lies before us: raw, where it came from, and whether it may come in."""

    raw: AbstractIncomingMessage
    origin: Origin
    admission: Admission

    @classmethod
    def of(cls, raw: AbstractIncomingMessage, *, service: str, takes: frozenset[type[Message]]) -> "Arrived":
        """Read a message; nothing about it can raise."""
        delivery = Delivery(
            body=raw.body,
            exchange=raw.exchange or "",
            routing_key=raw.routing_key or "",
            account=raw.user_id,
            headers=raw.headers,
            content_type=raw.content_type,
        )
        origin = origin_of(delivery, service=service)
        return cls(raw, origin, admit(delivery, origin, service=service, takes=takes))


class Consumer:
    """Handles the messages of ``queue`` for a service, ordered, a transaction a batch."""

    def __init__(
        self,
        *,
        service: str,
        queue: str,
        transaction: Transaction,
        pool: AsyncEngine,
        outlet: Outlet,
        batch: int,
        linger: float,
    ) -> None:
        self._service = service
        self._queue = queue
        self._transaction = transaction
        self._pool = pool
        self._outlet = outlet
        self._acknowledgements = Acknowledgements()
        self._gather: Batcher[Arrived] = Batcher(self._run, most=batch, linger=linger)

    async def consume(self, arrived: Arrived) -> None:
        """Take one message, and return when it is answered and acknowledged."""
        await self._gather.add(arrived)

    async def run(self) -> None:
        """Handle what was taken until cancelled."""
        await self._gather.run()

    async def _run(self, batch: list[Arrived]) -> None:
        for arrived in batch:
            if isinstance(arrived.admission, Rejected):
                await self._turn_away(arrived, arrived.admission)
        if admitted := [arrived for arrived in batch if not isinstance(arrived.admission, Rejected)]:
            await self._handle(admitted)

    async def _handle(self, admitted: Sequence[Arrived]) -> None:
        BATCH.observe(len(admitted))
        started = time.perf_counter()
        await self._alone(admitted[0]) if len(admitted) == 1 else await self._together(admitted)
        SECONDS.labels(self._queue).observe(time.perf_counter() - started)

    async def _together(self, admitted: Sequence[Arrived]) -> None:
        """Handle all in one transaction; where it fails, each in its own, so that a bad one harms no other."""
        try:
            answers = await self._transaction.handle([_admitted(arrived) for arrived in admitted])
        except Exception as error:  # whatever it is, one of the batch or the database may be at fault
            _log.warning("batch rolled back", queue=self._queue, messages=len(admitted), **failure(error))
            for arrived in admitted:
                await self._alone(arrived)
        else:
            replied = [each for each in zip(admitted, answers, strict=True) if await self._reply(*each)]
            await self._let_go([arrived for arrived, _ in replied])

    async def _alone(self, arrived: Arrived) -> None:
        """Handle one message; while the database is away nothing is anybody's fault, so the message waits in hand."""
        while True:
            try:
                [answer] = await self._transaction.handle([_admitted(arrived)])
            except Exception as error:  # an exception is a bug or a broken part: retried, then given up
                if await engine.answers(self._pool):
                    await self._try_again_later(arrived, error)
                    return
                await engine.wait_until_it_answers(self._pool)
            else:
                await self._finish(arrived, answer)
                return

    async def _finish(self, arrived: Arrived, answer: bytes | None) -> None:
        if await self._reply(arrived, answer):
            await self._let_go([arrived])

    async def _reply(self, arrived: Arrived, answer: bytes | None) -> bool:
        """Answer, and say whether that went well; where not, the broker is to bring the message again."""
        reply_to = arrived.raw.reply_to or ""
        if answer is None or not reply_to.startswith(DIRECT_REPLY):
            return True
        try:
            await self._outlet.answer(answer, reply_to=reply_to, correlation_id=arrived.raw.correlation_id)
        except LOST as error:
            await self._bring_again(arrived, error)
            return False
        return True

    async def _let_go(self, done: Sequence[Arrived]) -> None:
        """Acknowledge; where the channel is gone, the broker brings the messages again, and the inbox knows them."""
        try:
            with in_flight():
                await self._acknowledgements.acknowledge([arrived.raw for arrived in done])
        except LOST as error:
            _log.info("not acknowledged: the broker brings the messages again", queue=self._queue, **failure(error))
            return
        for arrived in done:
            _count(arrived, self._queue)

    async def _try_again_later(self, arrived: Arrived, error: Exception) -> None:
        aside = retry_redirect(
            queue=self._queue,
            origin=arrived.origin,
            headers=arrived.raw.headers,
            error=f"{type(error).__qualname__} at {failure(error)['place']}",
        )
        _log.error("message could not be handled", to=aside.routing_key, **_about(arrived), **failure(error))
        await self._put(arrived, aside)

    async def _turn_away(self, arrived: Arrived, turned: Rejected) -> None:
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
                asked=False,
                key=known_type(arrived.origin.routing_key),
            )
            answer = write(envelope)
        await self._put(arrived, aside, answer)

    async def _put(self, arrived: Arrived, aside: Redirect, answer: bytes | None = None) -> None:
        """Put a message aside, confirmed, before letting go of it."""
        try:
            await self._outlet.put(arrived.raw, aside)
        except LOST as error:
            await self._bring_again(arrived, error)
            return
        if aside.exchange:
            DEAD.labels(self._queue, str(aside.headers["practio-reason"])).inc()
        else:
            RETRIED.labels(self._queue, aside.routing_key.rpartition(".")[2]).inc()
        await self._finish(arrived, answer)

    async def _bring_again(self, arrived: Arrived, error: Exception) -> None:
        _log.warning("message goes back to the broker", **_about(arrived), **failure(error))
        try:
            with in_flight():
                self._acknowledgements.note_returned(arrived.raw)
                await arrived.raw.nack(requeue=True)
        except LOST:
            _log.info("the channel is gone: the broker brings the message again by itself", **_about(arrived))


def _admitted(arrived: Arrived) -> Admitted:
    assert not isinstance(arrived.admission, Rejected)
    return arrived.admission


def _about(arrived: Arrived) -> dict[str, str | None]:
    """Give what a log may say of a message."""
    about = {"routing_key": known_type(arrived.origin.routing_key), "account": arrived.origin.account}
    if isinstance(arrived.admission, ReceivedMessage):
        envelope = arrived.admission.envelope
        about |= {"message_id": str(envelope.id), "correlation_id": envelope.correlationid}
    return about


def _count(arrived: Arrived, queue: str) -> None:
    kind = known_type(arrived.origin.routing_key) or "unknown"
    HANDLED.labels(kind, "turned-away" if isinstance(arrived.admission, Rejected) else "handled").inc()
    if isinstance(arrived.admission, ReceivedMessage):
        said_at = arrived.admission.envelope.time
        LAG.labels(queue).set(max(0.0, (datetime.now(UTC) - said_at).total_seconds()))
