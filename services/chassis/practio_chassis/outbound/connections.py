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

    connection: AbstractRobustConnection
    replies: Replies
    redirects: Redirects

    @classmethod
    async def open(cls, service: str, url: str) -> Self:
        """Connect; raise one of ``LOST``, and leave no connection open, if one of them fails."""
        async with AsyncExitStack() as opened:
            replies = await Replies.open(service, url)
            opened.push_async_callback(replies.close)
            publishing = await opened.enter_async_context(await connect(url, name=f"practio-{service}-publisher"))
            found = cls(publishing, replies, await Redirects.open(service, publishing))
            opened.pop_all()
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections, however they are; a broker that does not answer holds up nothing for long."""
        await asyncio.gather(close(self.connection), self.replies.close())

    async def alarm(self) -> str | None:
        """Return which alarm blocks one of the connections, in a sentence; None if none does."""
        return await self.replies.alarm() or await alarm_of(self.connection)
