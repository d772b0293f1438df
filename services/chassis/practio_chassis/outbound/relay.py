"""Publishes the outbox: with confirms, in order within a subject, one leader per service.

Events go to services in batches if these reach all of them, and singly if they reach none (``topology.Carriage``): the
release before the first with batches reads none. If they reach some only, all rows stay until that is mended.

Rows are never passed by a cursor over their ids, which become visible out of order: the relay takes the rows that are
there, and deletes them once the broker has confirmed. A row may therefore be published twice, and is never skipped.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiormq
from aio_pika.abc import AbstractRobustConnection
from aiormq.exceptions import PublishError
from pamqp.commands import Basic
from pamqp.common import FieldValue
from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from practio_chassis.broker.blocking import unblocked
from practio_chassis.broker.connection import open_channel, plain_channel, properties
from practio_chassis.broker.topology import readers_of
from practio_chassis.context import MessageContext
from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.event_batches import HEADER_EVENTS
from practio_chassis.outbound.leadership import Leadership
from practio_chassis.outbound.publications import Publication, empty_batches, in_batches, singly
from practio_chassis.telemetry.log import logger
from practio_chassis.telemetry.metrics import OUTBOX_AGE, OUTBOX_ROWS, PUBLISHED
from practio_contracts.broker_errors import LOST

_MOST = 500
_POLL = 1.0
_PATIENCE = 30.0
_TRY_EVERY_SECONDS = 1.0
"""How often a relay looks whether batches reach their readers by now: each time it waits for an answer."""

_log = logger(__name__)

Answered = tuple[Publication, object]
"""A publication, and what the broker, or the lost connection, answered."""


class Relay:
    """Publishes one service's outbox while it leads; stands by while another instance does."""

    def __init__(
        self, *, service: str, tables: ChassisTables, pool: AsyncEngine, connection: AbstractRobustConnection
    ) -> None:
        self._service = service
        self._outbox = tables.outbox
        self._pool = pool
        self._connection = connection
        self._readers = readers_of(service)
        self._in_batches = False
        self._looks_again = False
        self._tries_again_at = float("-inf")
        self._woken = asyncio.Event()

    async def stand_by(self) -> bool:
        """Try to lead; if another instance leads, return false. Raise what ends the leadership."""
        async with self._pool.connect() as pooled:
            session = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            try:
                leadership = Leadership(session, f"{self._service} relay")
                if await leadership.take():
                    await self._lead(session, leadership)
            finally:
                await session.invalidate()  # back in the pool it would keep the leader's lock, and nobody could lead
        return False

    async def _lead(self, session: AsyncConnection, leadership: Leadership) -> None:
        await self._listen(session)
        channel = await open_channel(self._connection)
        try:
            while True:
                self._woken.clear()
                await unblocked(self._connection)
                if await self._publish_some(session, await plain_channel(channel), leadership) < _MOST:
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

    async def _publish_some(self, session: AsyncConnection, channel: aiormq.Channel, leadership: Leadership) -> int:
        """Publish the first rows, and return how many: ``_MOST`` if there may be more to be published at once."""
        asked_at = time.monotonic()
        rows = (await session.execute(select(self._outbox).order_by(self._outbox.c.id).limit(_MOST))).all()
        leadership.spoke(asked_at)
        if not rows:
            return 0
        self._looks_again = False
        async with leadership.kept():
            published = await self._publish(channel, rows, leadership)
        gone = _in_order(rows, published)
        await session.execute(delete(self._outbox).where(one_of(self._outbox.c.id, gone)))
        if len(gone) < len(rows) and not self._looks_again:
            raise ConnectionError("the broker did not confirm every message")
        return _MOST if self._looks_again else len(rows)

    async def _publish(self, channel: aiormq.Channel, rows: Sequence[Row[Any]], leadership: Leadership) -> list[bool]:
        """Publish rows, all confirms in flight at once; return which are confirmed."""
        async with asyncio.timeout(_PATIENCE):
            if not self._in_batches and time.monotonic() >= self._tries_again_at:
                self._in_batches = await self._batches_are_read(channel, leadership)
                self._tries_again_at = time.monotonic() + _TRY_EVERY_SECONDS
            lost = await self._lost_of(rows, channel, leadership)
        for row in rows:
            PUBLISHED.labels(row.routing_key).inc(row.id not in lost)
        return [row.id not in lost for row in rows]

    async def _lost_of(self, rows: Sequence[Row[Any]], channel: aiormq.Channel, leadership: Leadership) -> set[int]:
        """Publish rows; return the ids of those that the broker did not confirm."""
        if not self._in_batches:
            return _lost(await self._publish_all(channel, singly(rows), leadership))
        answered = await self._publish_all(
            channel, in_batches(rows, owner=self._service, readers=self._readers), leadership
        )
        if any(each.is_batch and _came_back(answer) for each, answer in answered):
            _log.info("batches of events came back: whether they reach their readers is looked up again")
            self._in_batches, self._tries_again_at, self._looks_again = False, float("-inf"), True
        return _lost(answered)

    async def _batches_are_read(self, channel: aiormq.Channel, leadership: Leadership) -> bool:
        """Return whether batches reach every service that receives our events (``topology.Carriage``), or none.

        Raise ConnectionError if they reach some only, or the broker does not say: either form could lose events.
        """
        empty = empty_batches(owner=self._service, readers=self._readers)
        answered = await self._publish_all(channel, empty, leadership)
        if all(_came_back(answer) for _, answer in answered):
            return False
        if all(isinstance(answer, Basic.Ack) for _, answer in answered):
            return True
        if missed := [each.routing_key for each, answer in answered if _came_back(answer)]:
            _log.error("events are kept: batches reach some services only", not_reached=missed)
        raise ConnectionError("nobody knows whether batches of events reach every service")

    async def _publish_all(
        self, channel: aiormq.Channel, publications: Sequence[Publication], leadership: Leadership
    ) -> list[Answered]:
        each = (self._publish_one(channel, publication, leadership) for publication in publications)
        return list(zip(publications, await asyncio.gather(*each, return_exceptions=True), strict=True))

    async def _publish_one(self, channel: aiormq.Channel, publication: Publication, leadership: Leadership) -> object:
        leadership.check()
        headers: dict[str, FieldValue] | None = {HEADER_EVENTS: len(publication.rows)} if publication.is_batch else None
        return await channel.basic_publish(
            publication.body,
            exchange=publication.exchange,
            routing_key=publication.routing_key,
            properties=properties(
                self._service,
                message_id=publication.message_id,
                content_type=publication.content_type,
                headers=headers,
            ),
            mandatory=publication.is_batch,
            wait=False,
        )


def _came_back(answer: object) -> bool:
    """Return whether the broker returned a mandatory message, which reaches no queue."""
    return isinstance(answer, PublishError)


def _lost(answered: Sequence[Answered]) -> set[int]:
    """Return the ids of the rows of publications that the broker did not confirm."""
    return {row for publication, answer in answered if not isinstance(answer, Basic.Ack) for row in publication.rows}


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


async def count_outbox(context: MessageContext[Any], tables: ChassisTables) -> None:
    """Set the gauges of the outbox; counted apart from the relay, which the broker may block."""
    age = func.extract("epoch", func.clock_timestamp() - func.min(tables.outbox.c.said_at))
    rows, oldest = (await context.session.execute(select(func.count(), age).select_from(tables.outbox))).one()
    OUTBOX_ROWS.set(rows)
    OUTBOX_AGE.set(float(oldest or 0.0))


async def oldest_age(pool: AsyncEngine, tables: ChassisTables) -> float:
    """Return the age in seconds of the oldest row not yet published; 0 without rows."""
    oldest = select(func.min(tables.outbox.c.said_at)).scalar_subquery()
    age = select(func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), text("0")))
    async with pool.connect() as session:
        return float(await session.scalar(age) or 0)
