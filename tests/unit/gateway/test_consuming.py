"""A hook goes on reading its queue, whatever ended its last try."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.eventually import eventually

from practio_gateway.hooks import consuming
from practio_gateway.hooks.consuming import RunningHook
from practio_gateway.hooks.hook import Hook

HOOK = Hook(
    name="intranet", url="https://intranet.example.org/practio", broker_url="amqp://intranet:pass@nowhere", secrets=[]
)
RELEASES = [Exception("as aiormq raises it"), asyncio.CancelledError("as a lost connection raises it")]


class Channel:
    """A channel whose calls raise what they are given, in turn, until nothing is left."""

    is_closed = False

    def __init__(self, raised: Iterator[BaseException], *, at: str) -> None:
        self.close_callbacks: set[object] = set()
        self._raised, self._at, self._readers = raised, at, 0

    async def get_underlay_channel(self) -> object:
        return SimpleNamespace(on_consumer_cancel_callbacks=set())

    async def get_queue(self, name: str, *, ensure: bool = True) -> "Channel":
        return self

    async def set_qos(self, *, prefetch_count: int) -> None:
        self._may_raise("set_qos")

    async def declare_queue(self, name: str, *, passive: bool) -> object:
        self._may_raise("declare_queue")
        return SimpleNamespace(declaration_result=SimpleNamespace(consumer_count=self._readers))

    async def consume(self, take: object) -> None:
        self._may_raise("consume")
        self._readers = 1

    async def close(self) -> None:
        self._may_raise("close")

    def _may_raise(self, call: str) -> None:
        if call == self._at and (error := next(self._raised, None)):
            raise error


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that are made, none of which takes any time."""
    made: list[float] = []

    async def pause(_hook: object, seconds: float) -> None:
        made.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(RunningHook, "_pause", pause)
    monkeypatch.setattr("random.random", lambda: 1.0)
    return made


def reads(monkeypatch: pytest.MonkeyPatch, raised: Iterator[BaseException], *, at: str) -> None:
    async def channels(_url: str) -> AsyncGenerator[Any]:
        for _ in range(3):
            yield Channel(raised, at=at)
        await asyncio.Event().wait()

    monkeypatch.setattr(consuming, "channels", channels)


@pytest.mark.parametrize("at", ["set_qos", "declare_queue", "consume"])
@pytest.mark.parametrize("error", RELEASES, ids=lambda error: type(error).__name__)
async def test_a_cut_while_the_queue_is_opened_costs_that_try(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], at: str, error: BaseException
) -> None:
    reads(monkeypatch, iter([error, error]), at=at)
    hook = RunningHook(HOOK)
    running = asyncio.create_task(hook.run())
    await eventually(lambda: hook.fault == "" or running.done())
    assert hook.fault == ""
    assert pauses == []
    hook.stop()
    await running


async def test_a_hook_that_fails_unexpectedly_tries_again_after_pauses_that_grow(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    reads(monkeypatch, iter([LookupError() for _ in range(9)]), at="consume")
    hook = RunningHook(HOOK)
    running = asyncio.create_task(hook.run())
    await eventually(lambda: hook.fault == "" or running.done())
    assert hook.fault == ""
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    hook.stop()
    await running


async def test_a_hook_that_is_cancelled_ends(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    reads(monkeypatch, iter([]), at="consume")
    hook = RunningHook(HOOK)
    running = asyncio.create_task(hook.run())
    await eventually(lambda: hook.fault == "")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert running.cancelled()
    assert hook.fault == "stopped"
