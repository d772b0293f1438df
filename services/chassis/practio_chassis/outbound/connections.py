"""The connections on which a service publishes."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from aio_pika.abc import AbstractRobustConnection

from practio_chassis.broker.alarms import alarm_of
from practio_chassis.broker.connection import close, connect
from practio_chassis.outbound.redirects import Redirects
from practio_chassis.outbound.replies import Replies


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

    async def alarm(self) -> str | None:
        """Return which alarm blocks one of the connections, in a sentence; None if none does."""
        return await alarm_of(self.answering) or await alarm_of(self.connection)
