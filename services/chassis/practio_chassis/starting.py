"""What a service waits for before it works, unless it is stopped: its schema, and connections to the broker."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self, TypeVar

from aio_pika.abc import AbstractRobustConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from practio_chassis.broker.blocking import is_blocked
from practio_chassis.broker.connection import close, connect
from practio_chassis.database import engine
from practio_chassis.outbound.redirects import Redirects
from practio_chassis.outbound.replies import Replies
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.broker_errors import LOST, in_flight

T = TypeVar("T")

_LOOK_SECONDS = 1.0
_log = logger(__name__)


async def wait_for_schema(pool: AsyncEngine, *, service: str) -> None:
    """Wait, as long as it takes, until the database answers and has the schema of a service."""
    while not await _has_schema(pool, service):  # noqa: ASYNC110 - the database tells nobody when it is there
        await asyncio.sleep(_LOOK_SECONDS)


async def _has_schema(pool: AsyncEngine, service: str) -> bool:
    try:
        async with asyncio.timeout(engine.PATIENCE), pool.connect() as connection:
            if await connection.scalar(text("SELECT to_regclass('outbox')")) is not None:
                return True
    except engine.UNANSWERED as error:
        _log.warning("database does not answer", **failure(error))
    else:
        _log.warning(f"the schema is not there yet: run python -m practio_{service} migrate")
    return False


async def patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return the result of an attempt that needs the broker; while that is away or refuses it, try again."""

    async def attempted() -> T:
        with in_flight():
            return await attempt()

    return await AsyncRetrying(
        wait=wait_exponential(multiplier=0.2, max=5),
        retry=retry_if_exception_type(LOST),
        before_sleep=_log_failed_attempt,
    )(attempted)


def _log_failed_attempt(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    _log.warning("broker does not let us in yet", **failure(error or RuntimeError()))


@dataclass(frozen=True, slots=True)
class Publishing:
    """The connections on which a service publishes, and what it publishes beside its outbox."""

    answering: AbstractRobustConnection
    connection: AbstractRobustConnection
    replies: Replies
    redirects: Redirects

    @classmethod
    async def open(cls, service: str, url: str) -> Self:
        """Connect; raise one of ``LOST``, and leave no connection open, if one of them fails."""
        async with AsyncExitStack() as opened:
            answering = await opened.enter_async_context(await connect(url, name=f"practio-{service}-replies"))
            publishing = await opened.enter_async_context(await connect(url, name=f"practio-{service}-publisher"))
            found = cls(
                answering,
                publishing,
                await Replies.open(service, answering),
                await Redirects.open(service, publishing),
            )
            opened.pop_all()
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close both connections, however they are; a broker that does not answer holds up nothing for long."""
        await asyncio.gather(close(self.connection), close(self.answering))

    async def is_blocked(self) -> bool:
        """Return whether the broker blocks one of the connections."""
        return await self.replies.is_blocked() or await is_blocked(self.connection)
