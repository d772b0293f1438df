"""How a relay publishes events: in batches if these reach every reader, singly if they reach none (``Carriage``).

If they reach some only, or none any more though nobody has asked for single events, either form could lose events: a
binding is lost, and everything is kept until it is made again. While an operator changes the bindings, that is so for
a moment: it is a fault if it lasts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from aiormq.exceptions import PublishError
from pamqp.commands import Basic
from sqlalchemy import Row

from practio_chassis.broker.event_readers import readers_of
from practio_chassis.outbound.carriage_record import CarriageRecord
from practio_chassis.outbound.publications import Publication, empty_batches, in_batches, singly
from practio_chassis.outbound.refusals import reason_of
from practio_chassis.telemetry.log import logger

FAULT = "relay"
"""The name under which readiness tells why events are kept."""

_TRY_EVERY_SECONDS = 1.0
"""How often a relay looks whether batches reach their readers by now: each time it waits for an answer."""

_CHANGE_SECONDS = 5.0
"""How long bindings may be incomplete without a fault: ``practio provision`` makes and removes them one by one."""

_PAUSE_SECONDS = 0.2

_log = logger(__name__)

Answered = tuple[Publication, object]
"""A publication, and what the broker, or the lost connection, answered."""

PublishAll = Callable[[Sequence[Publication]], Awaitable[list[Answered]]]


class EventCarriage:
    """How the events of one service travel, as its relay knows it."""

    def __init__(self, service: str, record: CarriageRecord, faults: MutableMapping[str, str]) -> None:
        self._service = service
        self._readers = readers_of(service)
        self._record = record
        self._faults = faults
        self._in_batches = False
        self._tries_again_at = float("-inf")

    def messages_of(self, rows: Sequence[Row[Any]]) -> Sequence[Publication]:
        """Return the messages in which rows are published now."""
        if self._in_batches:
            return in_batches(rows, owner=self._service, readers=self._readers)
        return singly(rows, readers=self._readers)

    async def check_readers(self, publish_all: PublishAll) -> None:
        """Look whether batches reach their readers by now, unless it is known that they do, or it was just looked.

        Raise ConnectionError if events are to be kept, or the broker does not say.
        """
        if not self._in_batches and time.monotonic() >= self._tries_again_at:
            self._in_batches = await self._batches_are_read(publish_all)
            self._tries_again_at = time.monotonic() + _TRY_EVERY_SECONDS

    def note_answers(self, answered: Sequence[Answered]) -> bool:
        """Return whether a batch came back: then the next look decides, at once."""
        if not any(each.is_batch and came_back(answer) for each, answer in answered):
            return False
        _log.info("batches of events came back: whether they reach their readers is looked up again")
        self._in_batches, self._tries_again_at = False, float("-inf")
        return True

    async def _batches_are_read(self, publish_all: PublishAll) -> bool:
        """Return whether batches reach every reader; raise ConnectionError if that stays unknown."""
        until = time.monotonic() + _CHANGE_SECONDS
        while True:
            answered = await publish_all(empty_batches(owner=self._service, readers=self._readers))
            if all(isinstance(answer, Basic.Ack) for _, answer in answered):
                self._faults.pop(FAULT, None)
                if answered:
                    await self._record.note_batches_read()
                return True
            missed = [each.routing_key for each, answer in answered if came_back(answer)]
            if len(missed) == len(answered) and not await self._record.batches_were_read():
                self._faults.pop(FAULT, None)
                return False
            if not missed or time.monotonic() >= until:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        if missed:
            self._faults[FAULT] = f"events are kept, since {', '.join(missed)} reach no queue: run practio provision"
            _log.error("events are kept: batches do not reach every service", not_reached=missed)
        elif refused := next(filter(None, (reason_of(answer) for _, answer in answered)), None):
            self._faults[FAULT] = f"events are kept, since the broker refuses them: {refused}"
        raise ConnectionError("nobody knows whether batches of events reach every service")


def came_back(answer: object) -> bool:
    """Return whether the broker returned a mandatory message, which reaches no queue."""
    return isinstance(answer, PublishError)
