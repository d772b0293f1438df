"""Work that ends on SIGINT and SIGTERM, however the process was started."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.execution.interrupts import run, run_until_stopped

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture(autouse=True, params=[signal.SIG_IGN, signal.default_int_handler], ids=["background", "terminal"])
def started(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set SIGINT as a shell leaves it to a process in the background, or as Python does in a terminal."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


async def interrupted_by(number: signal.Signals, on_end: Callable[[], None]) -> None:
    """Send this process the signal, then wait to be interrupted; 5 seconds are too long."""
    try:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await asyncio.Event().wait()
    finally:
        on_end()


@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted_work_states_the_consequence(number: signal.Signals) -> None:
    ends: list[str] = []
    with pytest.raises(OperatorError, match="Interrupted: nothing was done"):
        run(interrupted_by(number, lambda: ends.append("in order")), "nothing was done")
    assert ends == ["in order"]


@pytest.mark.parametrize("number", SIGNALS)
def test_work_until_stopped_ends_well(number: signal.Signals) -> None:
    ends: list[str] = []
    run_until_stopped(interrupted_by(number, lambda: ends.append("in order")))
    assert ends == ["in order"]
