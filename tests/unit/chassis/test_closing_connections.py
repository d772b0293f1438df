"""A service that stops closes its connections, however they are: the broker may be away, or not answer."""

import asyncio
from typing import Any, cast

import pytest
from aiormq.exceptions import ChannelInvalidStateError

from practio_chassis.broker import connection
from practio_chassis.outbound.connections import Publishing


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
async def test_both_connections_are_closed_whatever_comes_of_it(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    publishing, answering = Connection(error), Connection(error)
    nothing = cast(Any, None)
    async with Publishing(cast(Any, answering), cast(Any, publishing), replies=nothing, redirects=nothing):
        assert publishing.closed == 0
    assert (publishing.closed, answering.closed) == (1, 1)
