"""Works done at once: whoever hears of a failure finds none of them still going on."""

import asyncio

import pytest

from practio_operator.errors import OperatorError
from practio_operator.together import together


async def failing(error: Exception) -> None:
    raise error


async def test_a_failure_is_told_when_the_others_have_ended() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        for _ in range(5):
            await asyncio.sleep(0)
        ended.set()

    with pytest.raises(OperatorError, match="the broker is dead"):
        await together(failing(OperatorError("the broker is dead")), slow())
    assert begun.is_set()
    assert ended.is_set()


async def test_all_complaints_are_told_at_once() -> None:
    with pytest.raises(OperatorError) as told:
        await together(failing(OperatorError("the broker is dead")), failing(OperatorError("so is the database")))
    assert str(told.value) == "the broker is dead\nso is the database"


async def test_an_error_of_ours_is_not_dressed_as_a_complaint() -> None:
    with pytest.raises(ZeroDivisionError):
        await together(failing(OperatorError("the broker is dead")), failing(ZeroDivisionError()))
