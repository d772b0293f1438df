"""Dead letters with data about erased people, which a service deletes from its own queues; and unrouted messages.

It looks soon after an erasure, and each hour, since a message may wait in a retry tier before it dies. Dead letters
that one process looks at are hidden from all others meanwhile: for milliseconds, or a minute if there are as many as
there can be. So a service looks twice after an erasure, in case an operator held some; several copies may look at once.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime

from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection
from aiormq.exceptions import ChannelAccessRefused
from sqlalchemy import func, select

from practio_chassis.broker.queue_names import queues_with_leftovers
from practio_chassis.context import MessageContext
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.erasing import erased_among
from practio_chassis.inbound.admission import HEADER_ROUTING_KEY
from practio_chassis.inbound.retry import HEADER_DIED_AT
from practio_chassis.outbound.set_aside import SetAside
from practio_chassis.people.dead_letter_data import people_concerned, states_old_address
from practio_chassis.telemetry.log import logger

LOOK_EVERY_SECONDS = 15.0
"""How often a service asks its database whether somebody was erased."""

SWEEP_EVERY_SECONDS = 3_600.0

_SWEEPS = 2
"""How often in a row a service looks at its dead letters after an erasure."""

_CHUNK = 16
"""Messages at once: RabbitMQ 3.10 delays more acknowledgements."""

_ALL_UNACKNOWLEDGED = 0  # the delivery tag for all messages (AMQP 0-9-1, basic.nack)
_log = logger(__name__)


@dataclass
class OwnDeadLetters:
    """The dead letters of one service."""

    service: str
    tables: ChassisTables
    transaction: Callable[[], AbstractAsyncContextManager[MessageContext[None]]]
    connection: AbstractRobustConnection
    _known: tuple[int, datetime | None] | None = field(default=None, init=False)
    _left: int = field(default=0, init=False)
    _swept_at: float = field(default=float("-inf"), init=False)

    async def delete_of_erased(self) -> None:
        """Delete the dead letters of erased people, if somebody was erased since, or it is time."""
        known = await self._erasures()
        if known != self._known:
            self._known, self._left = known, _SWEEPS
        if not self._left and time.monotonic() - self._swept_at < SWEEP_EVERY_SECONDS:
            return
        async with self.transaction() as context:
            await context.session.execute(SetAside(self.tables).forgetting())
        try:
            for queue in queues_with_leftovers(self.service):
                if ended := await self._sweep(queue):
                    _log.info("deleted dead letters with personal data", queue=queue, letters=ended)
        except ChannelAccessRefused:
            _log.warning("dead letters of erased people stay: run practio provision, which lets the service read them")
        self._left, self._swept_at = max(0, self._left - 1), time.monotonic()

    async def _erasures(self) -> tuple[int, datetime | None]:
        """Return how many people are erased, and when the last one was."""
        forgotten = self.tables.forgotten
        async with self.transaction() as context:
            found = await context.session.execute(select(func.count(), func.max(forgotten.c.erased_at)))
            count, last_at = found.one()
        return count, last_at

    async def _sweep(self, queue: str) -> int:
        """Delete the dead letters of a queue that are not to be kept, and leave all others; return how many."""
        ended = 0
        async with self.connection.channel() as channel:
            dead = await channel.get_queue(queue, ensure=False)
            waiting: list[AbstractIncomingMessage] = []
            while (letter := await dead.get(fail=False)) is not None or waiting:
                if letter is not None:
                    waiting.append(letter)
                if letter is None or len(waiting) == _CHUNK:
                    ended += await self._end(waiting)
                    waiting = []
            # Queues notice a closed channel a moment later: without this, the next reader would not see all messages.
            await (await channel.get_underlay_channel()).basic_nack(_ALL_UNACKNOWLEDGED, multiple=True, requeue=True)
        return ended

    async def _end(self, letters: Sequence[AbstractIncomingMessage]) -> int:
        """Acknowledge those of ``letters`` that are not to be kept; return how many."""
        people = [people_concerned(_routing_key(each), each.body, each.headers) for each in letters]
        async with self.transaction() as context:
            erased = await erased_among(context.session, self.tables, frozenset().union(*people))
            now = context.now
        ended = [
            each
            for each, concerned in zip(letters, people, strict=True)
            if concerned & erased.keys() or states_old_address(_routing_key(each), _died_at(each), now)
        ]
        for each in ended:
            await each.ack()
        return len(ended)


def _routing_key(letter: AbstractIncomingMessage) -> str:
    return str(letter.headers.get(HEADER_ROUTING_KEY) or "")


def _died_at(letter: AbstractIncomingMessage) -> str:
    return str(letter.headers.get(HEADER_DIED_AT) or "")
