"""The end of a delivery: answered and acknowledged, moved to another queue, or returned to the broker."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling import envelopes
from practio_chassis.inbound.acks import Acknowledgements
from practio_chassis.inbound.arrival import AcceptedArrival, Arrival, BatchArrival, RejectedArrival
from practio_chassis.inbound.lost_answers import LostAnswers
from practio_chassis.inbound.retry import GAVE_UP, dead_letter_redirect
from practio_chassis.outbound.redirects import Redirect, Redirects
from practio_chassis.outbound.replies import RefusedAddressError, Replies
from practio_chassis.outbound.reply_address import is_reply_address
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import DEAD, HANDLED, LAG, RETRIED
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.envelope import write

_log = logger(__name__)


class Settlement:
    """Ends the deliveries of one queue of a service.

    What is retried or dead-lettered goes by the queue ``home``, if that is another: a shard has no queues for that.
    ``is_query``: the queue holds queries, which are handled concurrently. Acknowledging several at once is only safe if
    one task does it for all, so each query is acknowledged alone.
    """

    def __init__(
        self,
        *,
        service: str,
        queue: str,
        replies: Replies,
        redirects: Redirects,
        home: str | None = None,
        is_query: bool = False,
    ) -> None:
        self.queue = queue
        self.home = home or queue
        self._service = service
        self._replies = replies
        self._redirects = redirects
        self._is_query = is_query
        self._acknowledgements = Acknowledgements()
        self._lost_answers = LostAnswers()
        DEAD.labels(self.home, GAVE_UP)  # shown as 0 from the start, so that an alert finds it

    async def finish(self, *handled: tuple[Arrival, bytes | None]) -> None:
        """Send the answers, then acknowledge; a message whose answer is lost is returned, to be answered again."""
        replied = await asyncio.gather(*(self._reply(arrival, answer) for arrival, answer in handled))
        done = [arrival for (arrival, _), sent in zip(handled, replied, strict=True) if sent]
        if await self._acknowledge(done) and not self._is_query:
            for arrival in done:
                _observe(arrival, self.queue)

    async def reject(self, *arrivals: RejectedArrival) -> None:
        """Dead-letter messages that the admission check rejected, all at once; answer those that get an answer."""
        moved = await asyncio.gather(*(self._move_rejected(arrival) for arrival in arrivals))
        done = [arrival for arrival, has_moved in zip(arrivals, moved, strict=True) if has_moved]
        await self.finish(*((arrival, self._answer_to_rejected(arrival)) for arrival in done))

    async def dead_letter(self, arrival: Arrival, *, reason: str, detail: str, answer: bytes | None = None) -> None:
        """Move a message to the dead-letter queue with the reason, and answer it."""
        if await self._move_to_dead_letters(arrival, reason=reason, detail=detail):
            await self.finish((arrival, answer))

    async def retry(self, arrival: Arrival, redirect: Redirect) -> None:
        """Move a message to a retry tier."""
        if await self._move(arrival, redirect):
            await self.finish((arrival, None))
            RETRIED.labels(self.home, redirect.routing_key.rpartition(".")[2]).inc()

    async def forward(self, moves: Sequence[tuple[Arrival, Redirect]]) -> None:
        """Move messages to other queues, in order, and acknowledge them; raise one of ``LOST``, and settle nothing."""
        await self._redirects.send_in_order([(arrival.raw, redirect) for arrival, redirect in moves])
        await self._acknowledge([arrival for arrival, _ in moves])

    async def mark(self, marks: Sequence[Redirect]) -> None:
        """Publish messages that have headers alone; raise one of ``LOST`` if they are not confirmed."""
        await self._redirects.send_in_order([(None, redirect) for redirect in marks])

    async def _move_rejected(self, arrival: RejectedArrival) -> bool:
        rejected = arrival.rejected
        _log.warning("message rejected", queue=self.queue, reason=rejected.reason, **arrival.log_fields())
        return await self._move_to_dead_letters(arrival, reason=rejected.reason, detail=rejected.detail)

    def _answer_to_rejected(self, arrival: RejectedArrival) -> bytes | None:
        if arrival.rejected.refusal is None:
            return None
        envelope = envelopes.unreadable(
            arrival.rejected.refusal,
            service=self._service,
            now=datetime.now(UTC),
            is_query=self._is_query,
            key=arrival.routing_key,
        )
        return write(envelope)

    async def _move_to_dead_letters(self, arrival: Arrival, *, reason: str, detail: str) -> bool:
        redirect = dead_letter_redirect(
            queue=self.home, origin=arrival.origin, headers=arrival.headers, reason=reason, detail=detail
        )
        moved = await self._move(arrival, redirect)
        if moved:
            DEAD.labels(self.home, reason).inc()
        return moved

    async def _move(self, arrival: Arrival, redirect: Redirect) -> bool:
        """Publish a message to another queue; return whether that has it. If not, it is returned to the broker."""
        try:
            await self._redirects.send(arrival.body, arrival.properties, redirect)
        except LOST as error:
            await self.return_to_broker(arrival, error)
            return False
        return True

    async def return_to_broker(self, arrival: Arrival, error: Exception) -> None:
        """Let the broker deliver a message again, unless it is done already."""
        try:
            with in_flight():
                if self._acknowledgements.is_settled(arrival.raw):
                    return
                _log.warning(
                    "message returned to the broker", queue=self.queue, **arrival.log_fields(), **failure(error)
                )
                self._acknowledgements.note_settled(arrival.raw)
                await arrival.raw.nack(requeue=True)
        except LOST:
            _log.info("the channel is gone: the broker redelivers the message", **arrival.log_fields())

    async def _reply(self, arrival: Arrival, answer: bytes | None) -> bool:
        """Send the answer; return whether the message is done. If not, it has been returned to the broker."""
        reply_to = arrival.raw.reply_to
        if answer is None or reply_to is None or not is_reply_address(reply_to):
            return True
        try:
            await self._replies.send(answer, reply_to=reply_to, correlation_id=arrival.raw.correlation_id)
        except RefusedAddressError as error:
            _log.warning("answer dropped", queue=self.queue, **arrival.log_fields(), **failure(error))
            return True
        except LOST as error:
            if self._lost_answers.note_lost(arrival):
                _log.error("answer dropped: each attempt lost the connection", queue=self.queue, **arrival.log_fields())
                return True
            await self.return_to_broker(arrival, error)
            return False
        self._lost_answers.note_sent(arrival)
        return True

    async def _acknowledge(self, done: Sequence[Arrival]) -> bool:
        """Acknowledge, and return whether that was possible.

        If the channel is gone, the broker redelivers the messages, and the inbox recognises them. A batch of events is
        acknowledged with the last of them, unless it was returned for the sake of another.
        """
        complete = [arrival.raw for arrival in done if arrival.count_as_done()]
        try:
            with in_flight():
                unsettled = [raw for raw in complete if not self._acknowledgements.is_settled(raw)]
                if self._is_query:
                    for raw in unsettled:
                        self._acknowledgements.note_settled(raw)
                    await asyncio.gather(*(raw.ack() for raw in unsettled))
                elif unsettled:
                    await self._acknowledgements.acknowledge(unsettled)
        except LOST as error:
            _log.info("not acknowledged: the broker redelivers the messages", queue=self.queue, **failure(error))
            return False
        return True


def deliveries(arrival: Arrival) -> int:
    """Return how often the broker has delivered a message; quorum queues count the earlier times.

    What comes for the first time may have the header of a stranger.
    """
    if not arrival.raw.redelivered:
        return 1
    earlier = arrival.raw.headers.get("x-delivery-count", 0)
    return 1 + earlier if isinstance(earlier, int) else 1


def _observe(arrival: Arrival, queue: str) -> None:
    if isinstance(arrival, BatchArrival):
        return  # an empty one: otherwise its events are observed
    outcome = "turned-away" if isinstance(arrival, RejectedArrival) else "handled"
    HANDLED.labels(arrival.routing_key or "unknown", outcome).inc()
    if isinstance(arrival, AcceptedArrival) and isinstance(arrival.admitted, ReceivedMessage):
        published_at = arrival.admitted.envelope.time
        LAG.labels(queue).set(max(0.0, (datetime.now(UTC) - published_at).total_seconds()))
