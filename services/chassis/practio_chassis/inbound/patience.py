"""Faults of the database, waited out with the messages in hand (``database/faults.py`` tells which they are)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database import engine
from practio_chassis.database.faults import Fault, fault_of
from practio_chassis.inbound.progress import Progress
from practio_chassis.telemetry.log import failure, logger

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_UNCLEAR_ATTEMPTS = 3

T = TypeVar("T")

_log = logger(__name__)


async def wait_out_faults(
    work: Callable[[], Awaitable[T]], *, pool: AsyncEngine, progress: Progress, slow_attempts: int
) -> T:
    """Return the result of ``work``, however long the database is away. Raise what waiting does not mend.

    A statement may run out of time ``slow_attempts`` times, and a fault be unclear three times, before the message is
    taken for its cause.
    """
    slow, unclear, pause = 0, 0, _FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception as error:  # sorted by its cause: the rest is a bug, or a message that breaks its handler
            fault = fault_of(error)
            slow += fault is Fault.SLOW
            unclear += fault is Fault.UNCLEAR
            is_of_the_message = fault is Fault.MESSAGE or unclear >= _UNCLEAR_ATTEMPTS
            if slow >= slow_attempts or (is_of_the_message and await engine.answers(pool)):
                raise
            progress.note_waiting(fault)
            _log.warning("waiting for the database", fault=fault, queue=progress.queue, **failure(error))
            if fault is Fault.READ_ONLY:
                await engine.drop_connections(pool)
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)
        await engine.wait_until_it_answers(pool)
