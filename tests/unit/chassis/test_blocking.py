"""Deadlines of what is published do not run on while the broker blocks the connection."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from practio_chassis.broker import blocking as module
from practio_chassis.broker.blocking import within

LOOK_SECONDS = 0.01
SECONDS = 0.5


class Transport:
    """A connection that the broker blocks for so many looks."""

    def __init__(self, *, blocked_for: int) -> None:
        self._blocked_for = blocked_for
        self.unblocked = asyncio.Event()

    async def ready(self) -> None:
        self._blocked_for -= 1
        if self._blocked_for < 0:
            self.unblocked.set()
        await self.unblocked.wait()


def connection(transport: Transport | None) -> Any:
    connected = asyncio.Event()
    connected.set()
    return cast(Any, SimpleNamespace(transport=transport, connected=connected))


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK", LOOK_SECONDS)
    monkeypatch.setattr(module, "AT_ONCE_SECONDS", LOOK_SECONDS)


async def test_what_waits_for_a_blocked_connection_is_not_given_up() -> None:
    transport = Transport(blocked_for=round(2 * SECONDS / LOOK_SECONDS))
    async with within(SECONDS, connection(transport)):
        await transport.unblocked.wait()


@pytest.mark.parametrize("is_lost", [False, True])
async def test_what_waits_for_a_connection_that_is_not_blocked_is_given_up(is_lost: bool) -> None:
    async def waits() -> None:
        async with within(SECONDS, connection(None if is_lost else Transport(blocked_for=0))):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await waits()


async def test_a_deadline_runs_on_after_the_alarm() -> None:
    transport = Transport(blocked_for=3)

    async def waits() -> None:
        async with within(SECONDS, connection(transport)):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await waits()
    assert transport.unblocked.is_set()
