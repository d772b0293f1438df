"""Publishes the outbox: with confirms, in order within a subject, one leader per service.

Events go to services in batches if these reach all of them, and singly if they reach none (``topology.Carriage``): the
release before the first with batches reads none. If they reach some only, or none any more though nobody asked for
single events (``carriage_record.py``), all rows stay until that is mended.

Rows are never passed by a cursor over their ids, which become visible out of order: the relay takes the rows that are
there, and deletes them once the broker has confirmed. A row may therefore be published twice, and is never skipped,
unless the broker refuses it for good (``refusals.py``).
"""

import asyncio
import time
from collections.abc import MutableMapping, Sequence, Set
from contextlib import suppress
from typing import Any

import aiormq
from aio_pika.abc import AbstractRobustConnection
from aiormq.exceptions import DeliveryError
from pamqp.commands import Basic
from pamqp.common import FieldValue
from sqlalchemy import Row, Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from practio_chassis.broker.blocking import unblocked, within
from practio_chassis.broker.connection import CONNECT_SECONDS, close, open_channel, open_plain_channel, properties
from practio_chassis.broker.event_batches import HEADER_EVENTS
from practio_chassis.broker.publishing import Outgoing, publish_many
from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.outbound.carriage import FAULT, Answered, EventCarriage, came_back
from practio_chassis.outbound.carriage_record import CarriageRecord
from practio_chassis.outbound.leadership import Leadership
from practio_chassis.outbound.one_by_one import OneByOne, Pass
from practio_chassis.outbound.publications import Publication
from practio_chassis.outbound.refusals import Refusals, Refused, reason_of
from practio_chassis.outbound.set_aside import SetAside
from practio_chassis.telemetry.log import logger
from practio_chassis.telemetry.metrics import PUBLISHED

REFUSED = "refused"
"""The name under which readiness tells why the events of some subjects are kept."""

_MOST = 500
_POLL = 1.0
_PATIENCE = 30.0
_log = logger(__name__)


class Relay:
    """Publishes one service's outbox while it leads; stands by while another instance does."""

    def __init__(
        self,
        *,
        service: str,
        tables: ChassisTables,
        pool: AsyncEngine,
        connection: AbstractRobustConnection,
        carriage: CarriageRecord,
        faults: MutableMapping[str, str],
    ) -> None:
        """``faults`` has the reason why events are kept, as long as they are."""
        self._service = service
        self._outbox = tables.outbox
        self._set_aside = SetAside(tables)
        self._pool = pool
        self._connection = connection
        self._faults = faults
        self._events = EventCarriage(service, carriage, faults)
        self._refusals = Refusals()
        self._looks_again = False
        self._is_refused = False
        self._woken = asyncio.Event()

    async def stand_by(self) -> bool:
        """Try to lead; if another instance leads, return false. Raise what ends the leadership."""
        async with self._pool.connect() as pooled:
            session = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            leadership, may_lead = Leadership(session, f"{self._service} relay"), True
            try:
                if may_lead := await leadership.take():
                    await self._lead(session, leadership)
                for fault in (FAULT, REFUSED):
                    self._faults.pop(fault, None)  # the instance that leads knows
            finally:
                if may_lead:  # back in the pool it would keep the leader's lock, and nobody could lead
                    await session.invalidate()
        return False

    async def _lead(self, session: AsyncConnection, leadership: Leadership) -> None:
        await self._listen(session)
        async with leadership.kept():
            await unblocked(self._connection)
            channel = await open_channel(self._connection)
        try:
            while True:
                self._woken.clear()
                async with leadership.kept():
                    await unblocked(self._connection)
                    async with asyncio.timeout(CONNECT_SECONDS):
                        open_again = await open_plain_channel(channel)
                if await self._publish_some(session, open_again, leadership) < _MOST:
                    await self._wait()
        finally:
            await close(channel)

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
        asked_at, waiting = time.monotonic(), self._refusals.waiting()
        rows = (await session.execute(self._first_rows(waiting))).all()
        leadership.spoke(asked_at)
        if not rows:
            if not waiting:
                self._faults.pop(REFUSED, None)
            return 0
        self._looks_again = self._is_refused = False
        alone = [row for row in rows if self._refusals.is_tried_again(row.subject)]
        together = [row for row in rows if not self._refusals.is_tried_again(row.subject)]
        singly = Pass()
        async with leadership.kept():
            gone = _in_order(together, await self._publish(channel, together, leadership))
            is_lost = len(gone) < len(together) and not self._looks_again and not self._is_refused
            if self._is_refused:
                alone = [row for row in rows if row.id not in gone]
            if alone:
                singly = await self._publish_one_by_one(alone, leadership)
        gone.update(singly.confirmed)
        await session.execute(delete(self._outbox).where(one_of(self._outbox.c.id, gone)))
        self._count(rows, gone)
        for row in rows:
            if row.id in gone:
                self._refusals.note_taken(row)
        await self._settle_refused(session, singly.refused)
        if is_lost:
            raise ConnectionError("the broker did not confirm every message")
        return _MOST if self._looks_again else len(rows)

    def _first_rows(self, waiting: Sequence[str]) -> Select[Any]:
        """Return the query of the rows to be published now: not those of subjects that wait."""
        first = select(self._outbox).order_by(self._outbox.c.id).limit(_MOST)
        return first.where(~one_of(self._outbox.c.subject, waiting)) if waiting else first

    async def _publish_one_by_one(self, rows: Sequence[Row[Any]], leadership: Leadership) -> Pass:
        """Publish rows again of which the broker refuses some: one by one, to see which."""

        async def publish(channel: aiormq.Channel, publication: Publication) -> object:
            [(_, answer)] = await self._publish_all(channel, [publication], leadership)
            return answer

        return await OneByOne(self._connection, publish).run(rows, lambda row: self._events.messages_of([row]))

    def _count(self, rows: Sequence[Row[Any]], gone: Set[int]) -> None:
        for row in rows:
            PUBLISHED.labels(row.routing_key).inc(row.id in gone)

    async def _settle_refused(self, session: AsyncConnection, refused: Sequence[Refused]) -> None:
        """Set aside what the broker refuses for good; tell why all else is kept."""
        for each in refused:
            about = {"message_id": each.row.message_id, "routing_key": each.row.routing_key, "reason": each.reason}
            if self._refusals.note(each):
                _log.error("message set aside: the broker refuses it", **about)
                await session.execute(self._set_aside.moving(each.row, each.reason))
            else:
                _log.warning("message refused by the broker: it is published again", **about)
        if kept := [each for each in refused if not each.is_at_fault]:
            self._faults[REFUSED] = f"events are kept, since the broker refuses them: {kept[0].reason}"
        elif not self._refusals.waiting():
            self._faults.pop(REFUSED, None)

    async def _publish(self, channel: aiormq.Channel, rows: Sequence[Row[Any]], leadership: Leadership) -> list[bool]:
        """Publish rows, all confirms in flight at once; return which are confirmed."""
        async with within(_PATIENCE, self._connection):
            await self._events.check_readers(lambda empty: self._publish_all(channel, empty, leadership))
            answered = await self._publish_all(channel, self._events.messages_of(rows), leadership)
        self._looks_again = self._events.note_answers(answered)
        self._is_refused = any(_is_refusal(each, answer) for each, answer in answered)
        lost = _lost(answered)
        return [row.id not in lost for row in rows]

    async def _publish_all(
        self, channel: aiormq.Channel, publications: Sequence[Publication], leadership: Leadership
    ) -> list[Answered]:
        messages = [self._outgoing(each) for each in publications]
        answers = await publish_many(channel, messages, before_each_write=leadership.check)
        return list(zip(publications, answers, strict=True))

    def _outgoing(self, publication: Publication) -> Outgoing:
        headers: dict[str, FieldValue] | None = {HEADER_EVENTS: len(publication.rows)} if publication.is_batch else None
        return Outgoing(
            publication.exchange,
            publication.routing_key,
            publication.body,
            properties(
                self._service,
                message_id=publication.message_id,
                content_type=publication.content_type,
                headers=headers,
            ),
            mandatory=publication.must_arrive,
        )


def _is_refusal(publication: Publication, answer: object) -> bool:
    """Return whether the broker refused a message.

    What a queue does not accept just now, it is given again as it is; a batch that comes back is looked into otherwise.
    """
    if came_back(answer):
        return not publication.is_batch
    return reason_of(answer) is not None and not isinstance(answer, DeliveryError)


def _lost(answered: Sequence[Answered]) -> set[int]:
    """Return the ids of the rows of publications that the broker did not confirm."""
    return {row for publication, answer in answered if not isinstance(answer, Basic.Ack) for row in publication.rows}


def _in_order(rows: Sequence[Row[Any]], confirmed: Sequence[bool]) -> set[int]:
    """Return the ids to delete: confirmed, and with no earlier row of the same subject still to be published."""
    held: set[str] = set()
    gone: set[int] = set()
    for row, is_confirmed in zip(rows, confirmed, strict=True):
        if is_confirmed and row.subject not in held:
            gone.add(row.id)
        else:
            held.add(row.subject)
    return gone
