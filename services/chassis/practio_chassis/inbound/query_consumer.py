"""Answers queries, each on its own, concurrently; they change nothing, so nothing is stored."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from practio_chassis.context import InvalidRequest, ReceivedMessage
from practio_chassis.database.read_only import read_only
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling import envelopes
from practio_chassis.inbound.arrival import AcceptedArrival, Arrival, RejectedArrival
from practio_chassis.inbound.patience import wait_out_faults
from practio_chassis.inbound.progress import Progress
from practio_chassis.inbound.query_start import QueryStart
from practio_chassis.inbound.retry import cause_of, unexpected_failure
from practio_chassis.inbound.settlement import Settlement
from practio_chassis.service import Service
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import HANDLED
from practio_contracts.answers import Refusal
from practio_contracts.envelope import write
from practio_contracts.message import Message, Query

_log = logger(__name__)


class QueryConsumer:
    """Answers the queries of one service."""

    def __init__(
        self,
        *,
        service: Service,
        settlement: Settlement,
        tables: ChassisTables,
        sessions: async_sessionmaker[AsyncSession],
        pool: AsyncEngine,
    ) -> None:
        self.progress = Progress(settlement.queue, concurrent=True)
        self._service = service
        self._settlement = settlement
        self._start = QueryStart(service.name, tables)
        self._sessions = sessions
        self._pool = pool

    async def consume(self, arrival: Arrival) -> None:
        """Consume one query, and return when it is answered and acknowledged."""
        with self.progress.in_hand():
            try:
                if isinstance(arrival, RejectedArrival):
                    await self._settlement.reject(arrival)
                elif isinstance(arrival, AcceptedArrival):
                    await self._consume_accepted(arrival)
            except Exception as error:  # nothing may be left in hand: unacknowledged, it would never come again
                await self._settlement.return_to_broker(arrival, error)

    async def _consume_accepted(self, arrival: AcceptedArrival) -> None:
        if isinstance(arrival.admitted, InvalidRequest):
            refused = envelopes.invalid_request_refused(
                arrival.admitted, service=self._service.name, now=datetime.now(UTC)
            )
            await self._settlement.finish((arrival, write(refused)))
            return
        received = arrival.admitted
        try:
            answer = await wait_out_faults(
                lambda: self._answer(received), pool=self._pool, progress=self.progress, slow_attempts=1
            )
        except Exception as error:  # a bug: asking again would not help, so the query is kept for the operators
            await self._fail(arrival, received, error)
        else:
            await self._settlement.finish((arrival, answer))

    async def _answer(self, received: ReceivedMessage[Message]) -> bytes:
        assert isinstance(received.message, Query)
        async with read_only(self._sessions) as session:
            now, refusal = await self._start.time_and_refusal(session, received)
            handle = self._service.queries[type(received.message)]
            result: Any = refusal or await handle(received, session, now)
        answer = write(envelopes.answered(received, result, service=self._service.name, now=now))
        outcome = "refused" if isinstance(result, Refusal) else "answered"
        HANDLED.labels(received.envelope.routing_key, outcome).inc()
        return answer

    async def _fail(self, arrival: AcceptedArrival, received: ReceivedMessage[Message], error: Exception) -> None:
        """Dead-letter a query that cannot be answered, and answer so at once."""
        failure_id = str(uuid7())
        _log.error("query failed", failure_id=failure_id, **arrival.log_fields(), **failure(error))
        now, service = datetime.now(UTC), self._service.name
        answer = write(envelopes.answered(received, unexpected_failure(failure_id), service=service, now=now))
        reason, what = cause_of(error)
        await self._settlement.dead_letter(arrival, reason=reason, detail=f"{what} ({failure_id})", answer=answer)
