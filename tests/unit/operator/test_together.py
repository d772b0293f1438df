"""Concurrent work: a failure is raised only after all of it has ended."""

import asyncio

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.execution.concurrency import run_all


async def failing(error: Exception) -> None:
    raise error


async def test_a_failure_is_raised_after_all_others_have_ended() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        for _ in range(5):
            await asyncio.sleep(0)
        ended.set()

    with pytest.raises(OperatorError, match="the broker is dead"):
        await run_all(failing(OperatorError("the broker is dead")), slow())
    assert begun.is_set()
    assert ended.is_set()


async def test_all_failures_are_reported_at_once() -> None:
    with pytest.raises(OperatorError) as raised:
        await run_all(failing(OperatorError("the broker is dead")), failing(OperatorError("so is the database")))
    assert str(raised.value) == "the broker is dead\nso is the database"


async def test_a_bug_is_not_reported_as_an_operator_error() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_all(failing(OperatorError("the broker is dead")), failing(ZeroDivisionError()))
