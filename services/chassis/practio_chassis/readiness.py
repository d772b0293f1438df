"""Whether a service can do its work now: what ``/readyz`` answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from practio_chassis.database import engine
from practio_chassis.database.tables import ChassisTables
from practio_chassis.loops import Loops
from practio_chassis.outbound.outbox_age import oldest_age
from practio_chassis.starting import Publishing
from practio_chassis.subscriptions import Subscriptions
from practio_chassis.telemetry.health import Readiness, release_of
from practio_chassis.telemetry.log import failure, logger

_STALLED_AFTER = 30.0
"""Seconds without progress after which a queue or a loop makes the service unready."""

_log = logger(__name__)


@dataclass(slots=True, kw_only=True)
class Conditions:
    """The parts of a service on which its readiness depends; ``publishing`` is there once the broker is."""

    service: str
    pool: AsyncEngine
    tables: ChassisTables
    subscriptions: Subscriptions
    loops: Loops
    faults: Mapping[str, str]
    outbox_late_after: float
    publishing: Publishing | None = None

    async def readiness(self) -> Readiness:
        """Return whether the service can work now."""
        age = await self._outbox_age()
        broker = await self._is_connected()
        blocked = self.publishing is not None and await self.publishing.is_blocked()
        stalled = (*self.subscriptions.stalled(after=_STALLED_AFTER), *self.loops.failing(longer_than=_STALLED_AFTER))
        is_late = age is None or age >= self.outbox_late_after
        return Readiness(
            database=age is not None,
            broker=broker,
            outbox_age=round(age or 0.0, 3),
            ready=broker and not (is_late or blocked or stalled or self.faults),
            version=release_of(self.service),
            blocked=blocked,
            stalled=stalled,
            faults=dict(self.faults),
        )

    async def _outbox_age(self) -> float | None:
        """Return the age of the oldest row of the outbox in seconds; None if the database does not answer."""
        if not await engine.answers(self.pool):
            return None
        try:
            return await oldest_age(self.pool, self.tables)
        except Exception as error:  # before the first migration there is no outbox
            _log.info("no outbox yet", **failure(error))
            return None

    async def _is_connected(self) -> bool:
        if self.publishing is None or not self.publishing.replies.ready:
            return False
        return await self.subscriptions.are_consuming()
