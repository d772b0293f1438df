"""Replies to commands and queries: the first one to each address apart from all others.

An address is a stranger's text, and its form does not tell whether RabbitMQ 3.10 can use it: the connection that
publishes to a process id of a node that the broker does not know ends with an internal error, and every answer on its
way there is lost. So the first answer to an address is sent alone, on a connection of its own. If that ends, nobody
else's answer is lost, and it is known which address did it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Self

from aiormq.exceptions import ConnectionInternalError

from practio_chassis.outbound.reply_connection import ReplyConnection
from practio_contracts.broker_errors import LOST

_MOST_ADDRESSES = 10_000
"""How many addresses are remembered as good: of more, those that were first answered longest ago are forgotten."""


class RefusedAddressError(Exception):
    """The broker has no use for this reply address; no answer will ever reach it."""


class Replies:
    """Publishes answers to direct reply-to addresses, confirmed by the broker."""

    def __init__(
        self,
        *,
        first: ReplyConnection,
        following: ReplyConnection,
        open_first: Callable[[], Awaitable[ReplyConnection]],
    ) -> None:
        self._first = first
        self._open_first = open_first
        self._following = following
        self._alone = asyncio.Lock()
        self._good_addresses: dict[str, None] = {}
        self._is_closed = False

    @classmethod
    async def open(cls, service: str, url: str) -> Self:
        """Connect; raise one of ``LOST``, and leave no connection open, if one of the connections fails."""
        async with AsyncExitStack() as opened:
            following = await ReplyConnection.open(service, url, name=f"practio-{service}-replies")
            opened.push_async_callback(following.close)
            open_first = partial(ReplyConnection.open, service, url, name=f"practio-{service}-first-replies")
            first = await open_first()
            opened.pop_all()
        return cls(first=first, following=following, open_first=open_first)

    @property
    def ready(self) -> bool:
        """Return whether the broker is connected."""
        return self._following.is_connected

    async def alarm(self) -> str | None:
        """Return which alarm blocks one of the connections, in a sentence; None if none does."""
        return await self._following.alarm() or await self._first.alarm()

    async def close(self) -> None:
        """Close both connections, and one that is being opened in place of the first as soon as it is open."""
        self._is_closed = True
        await asyncio.gather(self._following.close(), self._first.close())

    async def send(self, answer: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        """Send an answer, and wait until the broker has it; the broker drops it if its reader is gone.

        Wait, as long as it takes, while the broker blocks the connection. Raise one of ``LOST`` if it is not
        confirmed: whether it arrived is not known then. Raise RefusedAddressError if the address ends the connection.
        """
        if reply_to not in self._good_addresses:
            async with self._alone:
                if reply_to not in self._good_addresses:
                    await self._send_first(answer, reply_to=reply_to, correlation_id=correlation_id)
                    return
        try:
            await self._following.send(answer, reply_to=reply_to, correlation_id=correlation_id)
        except LOST:
            self._good_addresses.pop(reply_to, None)
            raise

    async def _send_first(self, answer: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        try:
            await self._first.send(answer, reply_to=reply_to, correlation_id=correlation_id)
        except ConnectionInternalError as error:
            await self._replace_first()
            raise RefusedAddressError(f"the broker ends the connection that publishes to it: {error}") from error
        self._good_addresses[reply_to] = None
        if len(self._good_addresses) > _MOST_ADDRESSES:
            del self._good_addresses[next(iter(self._good_addresses))]

    async def _replace_first(self) -> None:
        """Connect at once: the lost connection would come back after some seconds, for which others would wait."""
        with suppress(*LOST):
            lost, self._first = self._first, await self._open_first()
            await lost.close()
            if self._is_closed:
                await self._first.close()
