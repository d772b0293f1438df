"""Answers queries, each on its own, concurrently; they change nothing, so nothing is stored."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from practio_chassis.database import engine
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling import envelopes
from practio_chassis.handling.transaction import NOT_A_SYSTEM
from practio_chassis.inbound.admission import InvalidRequest, Rejected, known_type
from practio_chassis.inbound.consumer import Arrival
from practio_chassis.inbound.received import ReceivedMessage
from practio_chassis.inbound.retry import dead_letter_redirect
from practio_chassis.outbound.replies import DIRECT_REPLY, Replies
from practio_chassis.service import Service
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import DEAD, HANDLED
from practio_contracts.answers import Refusal
from practio_contracts.broker_errors import LOST, in_flight
from practio_contracts.catalogue import account_of
from practio_contracts.envelope import Envelope, write
from practio_contracts.message import Message, Query

_log = logger(__name__)


class QueryConsumer:
    """Answers the queries of one service."""

    def __init__(
        self,
        *,
        service: Service,
        queue: str,
        frame: ChassisTables,
        sessions: async_sessionmaker[AsyncSession],
        pool: AsyncEngine,
        outlet: Replies,
    ) -> None:
        self._service = service
        self._queue = queue
        self._frame = frame
        self._sessions = sessions
        self._pool = pool
        self._outlet = outlet

    async def consume(self, arrived: Arrival) -> None:
        """Consume one query, and return when it is answered and acknowledged."""
        admission = arrived.admission
        if isinstance(admission, Rejected):
            await self._reject(arrived, admission)
        elif isinstance(admission, InvalidRequest):
            now = datetime.now(UTC)
            await self._finish(
                arrived, envelopes.invalid_request_refused(admission, service=self._service.name, now=now)
            )
        else:
            await self._answer(arrived, admission)

    async def _answer(self, arrived: Arrival, received: ReceivedMessage[Message]) -> None:
        while True:
            try:
                envelope = await self._result_of(received)
            except Exception as error:  # a bug: asking again would not help, so the question is kept to be looked at
                if await engine.answers(self._pool):
                    _log.error("question could not be answered", query=received.envelope.type, **failure(error))
                    await self._reject(arrived, Rejected("gave-up", type(error).__qualname__))
                    return
                await engine.wait_until_it_answers(self._pool)
            else:
                await self._finish(arrived, envelope)
                return

    async def _result_of(self, received: ReceivedMessage[Message]) -> Envelope:
        assert isinstance(received.message, Query)
        async with self._sessions() as session:
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            now = (await session.execute(select(func.clock_timestamp()))).scalar_one()
            if received.as_system and not await self._may_be_system(session, received.account):
                result: Any = NOT_A_SYSTEM
            else:
                result = await self._service.queries[type(received.message)](received, session, now)
        outcome = "refused" if isinstance(result, Refusal) else "answered"
        HANDLED.labels(received.envelope.routing_key, outcome).inc()
        return envelopes.answered(received, result, service=self._service.name, now=now)

    async def _may_be_system(self, session: AsyncSession, account: str) -> bool:
        column = self._frame.system_account.c.account
        known = await session.scalar(select(column).where(column == account))
        return known is not None or account == account_of(self._service.name)

    async def _reject(self, arrived: Arrival, turned: Rejected) -> None:
        aside = dead_letter_redirect(
            queue=self._queue,
            origin=arrived.origin,
            headers=arrived.raw.headers,
            reason=turned.reason,
            detail=turned.detail,
        )
        DEAD.labels(self._queue, turned.reason).inc()
        envelope = None
        if turned.refusal:
            key = known_type(arrived.origin.routing_key)
            envelope = envelopes.unreadable(
                turned.refusal, service=self._service.name, now=datetime.now(UTC), is_query=True, key=key
            )
        try:
            await self._outlet.redirect(arrived.raw, aside)
        except LOST as error:
            _log.warning("question could not be put aside", **failure(error))
        await self._finish(arrived, envelope)

    async def _finish(self, arrived: Arrival, envelope: Envelope | None) -> None:
        """Answer and acknowledge; if the answer is lost, the publisher asks again."""
        reply_to = arrived.raw.reply_to or ""
        try:
            if envelope is not None and reply_to.startswith(DIRECT_REPLY):
                body, correlation_id = write(envelope), arrived.raw.correlation_id
                await self._outlet.answer(body, reply_to=reply_to, correlation_id=correlation_id)
            with in_flight():
                await arrived.raw.ack()
        except LOST as error:
            _log.warning("answer could not be sent", **failure(error))
