"""What gauges show is counted every 15 seconds, and less often if counting takes long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from practio_chassis.handling import periodic
from practio_chassis.handling.periodic import gauges, pause_after
from practio_chassis.service import Running


@pytest.mark.parametrize(("seconds", "pause"), [(0.01, 15.0), (0.075, 15.0), (0.5, 100.0), (10.0, 300.0)])
def test_the_pause_grows_with_the_time_that_counting_takes_up_to_five_minutes(seconds: float, pause: float) -> None:
    assert pause_after(seconds) == pytest.approx(pause)


@pytest.mark.parametrize(("longest", "waited"), [(300.0, 185.0), (15.0, 0.0)], ids=["a service's", "for alerts"])
async def test_a_loop_of_gauges_pauses_so_long(monkeypatch: pytest.MonkeyPatch, longest: float, waited: float) -> None:
    clock, paused = [0.0], []

    async def counting(_context: object) -> None:
        clock[0] += 1.0

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Any]:
        yield None

    monkeypatch.setattr(periodic, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(asyncio, "sleep", pause)
    work = gauges("a service", counting, longest_pause=longest)
    assert await work.once(Running(cast(Any, transaction), None)) is False
    assert (work.every, paused) == (15.0, [waited])
