"""A service that stops closes its connections, however they are: the broker may be away, or not answer."""

import asyncio
from typing import Any, cast

import pytest
from aiormq.exceptions import ChannelInvalidStateError

from practio_chassis.broker import connection, faststream_adapter
from practio_chassis.outbound.connections import Publishing
from practio_chassis.outbound.replies import Replies
from practio_chassis.outbound.reply_connection import ReplyConnection


class Connection:
    """A connection that is closed with an error, or never."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.closed = error, 0

    async def close(self) -> None:
        self.closed += 1
        if self.error is None:
            await asyncio.Event().wait()
        else:
            raise self.error


@pytest.mark.parametrize(
    "error", [ChannelInvalidStateError("Channel closed by RPC timeout"), ConnectionResetError(), Exception(), None]
)
async def test_all_connections_are_closed_whatever_comes_of_it(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    publishing, first, following = (Connection(error) for _ in range(3))
    nothing = cast(Any, None)
    replies = Replies(
        first=ReplyConnection("rooms", cast(Any, first), nothing),
        following=ReplyConnection("rooms", cast(Any, following), nothing),
        open_first=nothing,
    )
    async with Publishing(cast(Any, publishing), replies, redirects=nothing):
        assert publishing.closed == 0
    assert [each.closed for each in (publishing, first, following)] == [1, 1, 1]


class Broker:
    """FastStream's broker: its end raises an error, or never comes."""

    def __init__(self, error: Exception | None) -> None:
        self._connection = Connection(error)
        self._error = error

    async def stop(self) -> None:
        if self._error is None:
            await asyncio.Event().wait()
        else:
            raise self._error


@pytest.mark.parametrize(
    "error",
    [
        ChannelInvalidStateError("Channel closed by RPC timeout"),
        ExceptionGroup("Failed to stop subscribers", [ConnectionResetError()]),
        Exception(),
        None,
    ],
)
async def test_the_connection_of_the_consumers_is_closed_whatever_their_end_raises(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    broker = Broker(error)
    broker._connection.error = ConnectionResetError()
    await faststream_adapter.stop(cast(Any, broker), within=0.05)
    assert broker._connection.closed == 1
