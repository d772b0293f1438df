"""Which faults a message waits out, and how often."""

from collections.abc import Callable
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from practio_chassis.database import engine
from practio_chassis.inbound import patience
from practio_chassis.inbound.patience import wait_out_faults
from practio_chassis.inbound.progress import Progress

MANY = 50


class Clock:
    """A clock on which a second passes with each look."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        """Return the instant, a second later each time."""
        self._now += 1.0
        return self._now


@pytest.fixture(autouse=True)
def an_answering_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database answers whenever it is asked, and nobody pauses."""

    async def answers(*_: object) -> bool:
        return True

    monkeypatch.setattr(engine, "answers", answers)
    monkeypatch.setattr(engine, "wait_until_it_answers", answers)
    monkeypatch.setattr(engine, "drop_connections", answers)
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr(patience, "time", Clock())


async def attempts_of(fault: Callable[[], Exception], *, slow_attempts: int = 3) -> int:
    """Return how often work is tried that fails ``MANY`` times in the same way, and then works."""
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= MANY:
            raise fault()

    pool = create_async_engine("postgresql+asyncpg://nobody@localhost/none")
    with suppress(type(fault())):
        await wait_out_faults(work, pool=pool, progress=Progress("rooms.commands"), slow_attempts=slow_attempts)
    return attempts


def code(sqlstate: str) -> Callable[[], Exception]:
    original = asyncpg.PostgresError.new({"C": sqlstate, "M": "as the server says it"})
    return lambda: DBAPIError.instance("SELECT 1", None, original, Exception)


@pytest.mark.parametrize("fault", [code("57P03"), code("25006"), code("40P01"), ConnectionResetError])
async def test_a_fault_of_the_surroundings_is_waited_out_however_often_it_comes(fault: Callable[[], Exception]) -> None:
    assert await attempts_of(fault) == MANY + 1


async def test_a_statement_that_runs_out_of_time_holds_its_queue_only_three_times() -> None:
    assert await attempts_of(code("57014")) == 3


@pytest.mark.parametrize("sqlstate", ["XX000", "XX001", "55000"])
async def test_a_fault_that_may_be_the_message_s_holds_its_queue_for_five_seconds(sqlstate: str) -> None:
    assert await attempts_of(code(sqlstate)) == 4


async def test_a_fault_of_the_surroundings_ends_the_count_of_unclear_ones() -> None:
    faults = iter([code("XX000"), code("57P03")] * MANY)
    assert await attempts_of(lambda: next(faults)()) == MANY + 1


async def test_a_query_that_runs_out_of_time_is_not_asked_again() -> None:
    assert await attempts_of(code("57014"), slow_attempts=1) == 1


@pytest.mark.parametrize("fault", [code("23505"), code("25P02"), LookupError])
async def test_a_fault_of_the_message_is_raised_at_once(fault: Callable[[], Exception]) -> None:
    assert await attempts_of(fault) == 1
