"""Publishes the outbox: with confirms, in order within a subject, one leader per service.

Rows are never passed by a cursor over their ids, which become visible out of order: the relay takes the rows that are
there, and deletes them once the broker has confirmed. A row may therefore be published twice, and is never skipped.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiormq
from aio_pika.abc import AbstractRobustConnection
from pamqp.commands import Basic
from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from practio_chassis.context import MessageContext
from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.outbound.replies import properties, underlay
from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import OUTBOX_AGE, OUTBOX_ROWS, PUBLISHED
from practio_contracts.broker_errors import LOST
from practio_contracts.catalogue import EVENTS, INTERNAL

_log = logger(__name__)
_MOST = 500
_POLL = 1.0
_PATIENCE = 30.0


class Relay:
    """Publishes one service's outbox while it leads; stands by while another instance does."""

    def __init__(
        self, *, service: str, frame: ChassisTables, pool: AsyncEngine, connection: AbstractRobustConnection
    ) -> None:
        self._service = service
        self._outbox = frame.outbox
        self._pool = pool
        self._connection = connection
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Lead, or stand by, until cancelled; wait for a lost database or broker."""
        while True:
            try:
                async with self._pool.connect() as session:
                    await self._lead_on(session)
            except (SQLAlchemyError, *LOST) as error:
                _log.warning("relay waits", **failure(error))
                await asyncio.sleep(_POLL)

    async def _lead_on(self, session: AsyncConnection) -> None:
        try:
            await self._lead(await session.execution_options(isolation_level="AUTOCOMMIT"))
        finally:
            await session.invalidate()  # back in the pool it would keep the leader's lock, and nobody could lead

    async def _lead(self, session: AsyncConnection) -> None:
        lead = select(func.pg_try_advisory_lock(func.hashtext(f"{self._service} relay")))
        while not await session.scalar(lead):  # noqa: ASYNC110 - the lock tells nobody when it is free
            await asyncio.sleep(_POLL)
        await self._listen(session)
        channel = await self._connection.channel(publisher_confirms=True)
        try:
            while True:
                self._woken.clear()
                if await self._publish_some(session, await underlay(channel)) < _MOST:
                    await self._wait()
        finally:
            with suppress(*LOST):
                await channel.close()

    async def _listen(self, session: AsyncConnection) -> None:
        """Let the database wake the relay; polling finds what this misses."""
        raw = await session.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.add_listener(f"{self._service}_outbox", lambda *_: self._woken.set())

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL):
                await self._woken.wait()

    async def _publish_some(self, session: AsyncConnection, channel: aiormq.Channel) -> int:
        rows = (await session.execute(select(self._outbox).order_by(self._outbox.c.id).limit(_MOST))).all()
        if not rows:
            return 0
        gone = _in_order(rows, await self._publish(channel, rows))
        await session.execute(delete(self._outbox).where(one_of(self._outbox.c.id, gone)))
        if len(gone) < len(rows):
            raise ConnectionError("the broker did not confirm every message")
        return len(rows)

    async def _publish(self, channel: aiormq.Channel, rows: Sequence[Row[Any]]) -> list[bool]:
        """Publish both bodies of each row, all confirms in flight at once; return which rows are confirmed."""
        wanted = [
            channel.basic_publish(
                body,
                exchange=exchange,
                routing_key=row.routing_key,
                properties=properties(self._service, message_id=row.message_id),
                wait=False,
            )
            for row in rows
            for exchange, body in _bodies(row)
        ]
        async with asyncio.timeout(_PATIENCE):
            answers = await asyncio.gather(*wanted, return_exceptions=True)
        whose = [row.id for row in rows for _ in _bodies(row)]
        lost = {of for of, answer in zip(whose, answers, strict=True) if not isinstance(answer, Basic.Ack)}
        for row in rows:
            PUBLISHED.labels(row.routing_key).inc(row.id not in lost)
        return [row.id not in lost for row in rows]


def _bodies(row: Row[Any]) -> list[tuple[str, bytes]]:
    return [(exchange, body) for exchange, body in ((INTERNAL, row.internal), (EVENTS, row.public)) if body is not None]


def _in_order(rows: Sequence[Row[Any]], confirmed: Sequence[bool]) -> list[int]:
    """Return the ids to delete: confirmed, and with no earlier row of the same subject still to be published."""
    held: set[str] = set()
    gone: list[int] = []
    for row, there in zip(rows, confirmed, strict=True):
        if there and row.subject not in held:
            gone.append(row.id)
        else:
            held.add(row.subject)
    return gone


async def count_outbox(context: MessageContext[Any], frame: ChassisTables) -> None:
    """Set the gauges of the outbox; counted apart from the relay, which the broker may block."""
    age = func.extract("epoch", func.clock_timestamp() - func.min(frame.outbox.c.said_at))
    rows, oldest = (await context.session.execute(select(func.count(), age).select_from(frame.outbox))).one()
    OUTBOX_ROWS.set(rows)
    OUTBOX_AGE.set(float(oldest or 0.0))


async def oldest_age(pool: AsyncEngine, frame: ChassisTables) -> float:
    """Return the age in seconds of the oldest row not yet published; 0 without rows."""
    oldest = select(func.min(frame.outbox.c.said_at)).scalar_subquery()
    age = select(func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), text("0")))
    async with pool.connect() as session:
        return float(await session.scalar(age) or 0)
