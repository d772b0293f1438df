"""Background loops go on, whatever they raise, and say so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from tests.support.eventually import eventually

from practio_chassis.process import loops as module
from practio_chassis.process.loops import Loops


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.001)


@asynccontextmanager
async def running(loops: Loops, once: object, *, every: float = 0.001) -> AsyncIterator[None]:
    task = asyncio.create_task(loops.run("a loop", once, every=every))  # type: ignore[arg-type]
    try:
        yield
    finally:
        task.cancel()


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        KeyError("an unknown kind"),
        OSError(),
        AssertionError(),
        Exception("as aiormq raises it"),
        asyncio.CancelledError("as a lost connection raises it in a task that nobody cancels"),
    ],
)
async def test_a_loop_that_raises_goes_on(error: BaseException) -> None:
    calls = 0

    async def once() -> bool:
        nonlocal calls
        calls += 1
        if calls < 4:
            raise error
        return False

    loops = Loops()
    async with running(loops, once):
        await eventually(lambda: calls > 5)
    assert loops.failing(longer_than=0) == []


async def test_a_loop_that_keeps_failing_is_named() -> None:
    async def once() -> bool:
        raise LookupError

    loops = Loops()
    async with running(loops, once):
        await eventually(lambda: loops.failing(longer_than=0) == ["a loop"])
    assert loops.failing(longer_than=60) == []


async def test_the_pause_doubles_up_to_the_longest_that_a_loop_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note_pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    async def once() -> bool:
        raise LookupError

    monkeypatch.setattr(module, "asyncio", SimpleNamespace(sleep=note_pause))
    task = asyncio.create_task(Loops().run("a loop", once, every=0, longest_pause=0.003))
    await eventually(lambda: len(pauses) >= 5)
    task.cancel()
    assert pauses[:5] == [0.001, 0.002, 0.003, 0.003, 0.003]


async def test_a_loop_that_is_cancelled_while_it_fails_is_named_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE", 3_600)

    async def once() -> bool:
        raise LookupError

    loops = Loops()
    task = asyncio.create_task(loops.run("a loop", once, every=0))
    await eventually(lambda: loops.failing(longer_than=0) == ["a loop"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert loops.failing(longer_than=0) == []


async def test_a_cancelled_loop_ends() -> None:
    waiting = asyncio.Event()

    async def once() -> bool:
        await waiting.wait()
        return False

    task = asyncio.create_task(Loops().run("a loop", once, every=0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_loop_with_more_to_do_does_not_pause() -> None:
    calls = 0

    async def once() -> bool:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return calls < 100

    async with running(Loops(), once, every=3_600):
        await eventually(lambda: calls == 100)


async def test_a_call_that_does_not_return_counts_as_working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORKS_AFTER", 0.01)
    calls = 0

    async def once() -> bool:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise LookupError
        await asyncio.Event().wait()
        return True

    loops = Loops()
    async with running(loops, once):
        await eventually(lambda: calls == 2 and not loops.failing(longer_than=0))
