"""Faults of the database, waited out with the messages in hand (``database/faults.py`` tells which they are)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database import engine
from practio_chassis.database.faults import DatabaseFault, fault_of
from practio_chassis.inbound.progress import Progress
from practio_chassis.telemetry.log import failure, logger

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_UNCLEAR_ATTEMPTS = 3
_UNCLEAR_SECONDS = 5.0

T = TypeVar("T")

_log = logger(__name__)


async def wait_out_faults(
    work: Callable[[], Awaitable[T]], *, pool: AsyncEngine, progress: Progress, slow_attempts: int
) -> T:
    """Return the result of ``work``, however long the database is away. Raise what waiting does not mend.

    A statement may run out of time ``slow_attempts`` times, and a fault be unclear three times and for five seconds,
    before the message is taken for its cause.
    """
    slow, pause, unclear = 0, _FIRST_PAUSE, _Unclear()
    while True:
        try:
            return await work()
        except Exception as error:  # sorted by its cause: the rest is a bug, or a message that breaks its handler
            fault = fault_of(error)
            slow += fault is DatabaseFault.SLOW
            unclear.note(fault)
            is_of_the_message = fault is DatabaseFault.MESSAGE or unclear.is_enough
            if slow >= slow_attempts or (is_of_the_message and await engine.answers(pool)):
                raise
            progress.note_waiting(fault)
            _log.warning("waiting for the database", fault=fault, queue=progress.queue, **failure(error))
            if fault is DatabaseFault.READ_ONLY:
                await engine.drop_connections(pool)
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)
        await engine.wait_until_it_answers(pool)


@dataclass(slots=True)
class _Unclear:
    """A fault that may be the message's own: how often it came without another one between, and since when."""

    times: int = 0
    since: float = 0.0

    def note(self, fault: DatabaseFault) -> None:
        """Count an unclear fault; any other ends the count."""
        now = time.monotonic()
        if self.times == 0 or fault is not DatabaseFault.UNCLEAR:
            self.since = now
        self.times = self.times + 1 if fault is DatabaseFault.UNCLEAR else 0

    @property
    def is_enough(self) -> bool:
        """Return whether it came often enough, and for long enough, to be taken for the message's."""
        return self.times >= _UNCLEAR_ATTEMPTS and time.monotonic() - self.since >= _UNCLEAR_SECONDS
