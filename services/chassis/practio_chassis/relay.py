"""Publishes the outbox: with confirms, in order within a subject, one leader a service.

Rows are never passed by a cursor over their ids, which become visible out of order: what is there is taken, and
deleted once the broker has it. A row may therefore be published twice, and is never left out.
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

from practio_chassis.log import failure, logger
from practio_chassis.outlet import BROKEN, PATIENCE, in_flight, properties, underlay
from practio_chassis.tables import Frame
from practio_chassis.telemetry import OUTBOX_AGE, OUTBOX_ROWS, PUBLISHED
from practio_contracts.catalogue import EVENTS, INTERNAL

_log = logger(__name__)
_MOST = 500
_POLL = 1.0


class Relay:
    """Carries one service's outbox to the broker while it leads; stands by while another copy does."""

    def __init__(self, *, service: str, frame: Frame, pool: AsyncEngine, connection: AbstractRobustConnection) -> None:
        self._service = service
        self._outbox = frame.outbox
        self._pool = pool
        self._connection = connection
        self._woken = asyncio.Event()

    async def work(self) -> None:
        """Lead, or stand by, until cancelled; a lost database or broker is waited for."""
        while True:
            try:
                async with self._pool.connect() as session:
                    await self._lead_on(session)
            except (SQLAlchemyError, *BROKEN) as error:
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
            with suppress(*BROKEN):
                await channel.close()

    async def _listen(self, session: AsyncConnection) -> None:
        """Be woken by the database where it can; polling finds what this misses."""
        raw = await session.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.add_listener(f"{self._service}_outbox", lambda *_: self._woken.set())

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL):
                await self._woken.wait()

    async def _publish_some(self, session: AsyncConnection, channel: aiormq.Channel) -> int:
        age = func.extract("epoch", func.clock_timestamp() - self._outbox.c.said_at).label("age")
        rows = (await session.execute(select(self._outbox, age).order_by(self._outbox.c.id).limit(_MOST))).all()
        OUTBOX_ROWS.set(len(rows))
        OUTBOX_AGE.set(float(rows[0].age) if rows else 0.0)
        if not rows:
            return 0
        confirmed = await asyncio.gather(*(self._publish(channel, row) for row in rows))
        gone = _in_order(rows, confirmed)
        await session.execute(delete(self._outbox).where(self._outbox.c.id.in_(gone)))
        if len(gone) < len(rows):
            raise ConnectionError("the broker did not confirm every message")
        return len(rows)

    async def _publish(self, channel: aiormq.Channel, row: Row[Any]) -> bool:
        """Publish both bodies of a row, and say whether the broker has them."""
        bodies = [(INTERNAL, row.internal), (EVENTS, row.public)]
        wanted = [
            channel.basic_publish(
                body,
                exchange=exchange,
                routing_key=row.routing_key,
                properties=properties(self._service, message_id=row.message_id),
                wait=False,
            )
            for exchange, body in bodies
            if body is not None
        ]
        try:
            async with asyncio.timeout(PATIENCE):
                with in_flight():
                    answers = await asyncio.gather(*wanted)
        except BROKEN as error:
            _log.warning("not confirmed", routing_key=row.routing_key, **failure(error))
            return False
        PUBLISHED.labels(row.routing_key).inc()
        return all(isinstance(answer, Basic.Ack) for answer in answers)


def _in_order(rows: Sequence[Row[Any]], confirmed: Sequence[bool]) -> list[int]:
    """Give the ids that may go: confirmed, and none before them of the same subject still to be published."""
    held: set[str] = set()
    gone: list[int] = []
    for row, there in zip(rows, confirmed, strict=True):
        if there and row.subject not in held:
            gone.append(row.id)
        else:
            held.add(row.subject)
    return gone


async def oldest_age(pool: AsyncEngine, frame: Frame) -> float:
    """Give the age in seconds of the oldest row not yet published; 0 where there is none."""
    oldest = select(func.min(frame.outbox.c.said_at)).scalar_subquery()
    age = select(func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), text("0")))
    async with pool.connect() as session:
        return float(await session.scalar(age) or 0)
