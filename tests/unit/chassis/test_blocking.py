"""Deadlines of what is published do not run on while the broker blocks the connection."""

import asyncio
from collections.abc import Coroutine
from selectors import DefaultSelector, SelectorKey
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.every_case import every_case

from practio_chassis.broker.blocking import within

SECONDS = 30.0


class Clock(DefaultSelector):
    """Waits for nothing: it only counts for how long it would have waited."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        self.seconds += timeout or 0
        return super().select(timeout and 0)


class Hurried(asyncio.SelectorEventLoop):
    """A loop of which the time goes on at once to whatever is due next."""

    def __init__(self) -> None:
        self._clock = Clock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.seconds


def hurry(work: Coroutine[Any, Any, None]) -> float:
    """Run something, and return how long it would have taken."""
    with asyncio.Runner(loop_factory=Hurried) as runner:
        runner.run(work)
        return runner.get_loop().time()


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


def test_what_waits_for_a_blocked_connection_is_not_given_up() -> None:
    async def waits() -> None:
        transport = Transport(blocked_for=round(2 * SECONDS))
        async with within(SECONDS, connection(transport)):
            await transport.unblocked.wait()

    assert hurry(waits()) > 2 * SECONDS


@every_case("is_lost", [False, True])
def test_what_waits_for_a_connection_that_is_not_blocked_is_given_up(is_lost: bool) -> None:
    async def waits() -> None:
        with pytest.raises(TimeoutError):
            async with within(SECONDS, connection(None if is_lost else Transport(blocked_for=0))):
                await asyncio.Event().wait()

    assert hurry(waits()) == pytest.approx(SECONDS)


def test_a_deadline_runs_on_after_the_alarm() -> None:
    transport = Transport(blocked_for=3)

    async def waits() -> None:
        with pytest.raises(TimeoutError):
            async with within(SECONDS, connection(transport)):
                await asyncio.Event().wait()

    assert SECONDS < hurry(waits()) < 1.5 * SECONDS
    assert transport.unblocked.is_set()
