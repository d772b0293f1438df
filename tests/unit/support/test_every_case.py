"""Many cases in one test: each runs, and each that fails is named."""

import asyncio

import pytest
from tests.support.every_case import every_case


def test_every_case_runs_once() -> None:
    seen: list[tuple[int, str]] = []

    @every_case("number", [1, 2])
    @every_case("letter", "ab")
    def walks(number: int, letter: str) -> None:
        seen.append((number, letter))

    walks()
    assert seen == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]


def test_all_failed_cases_are_named_and_the_others_still_run() -> None:
    seen: list[int] = []

    @every_case(("number", "limit"), [(1, 1), (3, 2), (2, 2), pytest.param(5, 4)])
    def stays_within(number: int, limit: int) -> None:
        seen.append(number)
        assert number <= limit

    with pytest.raises(BaseExceptionGroup, match=r"2 of 4 cases failed\ncase: 3, 2\ncase: 5, 4"):
        stays_within()
    assert seen == [1, 3, 2, 5]


async def test_cases_of_an_asynchronous_test_are_awaited_and_named() -> None:
    seen: list[int] = []

    @every_case("number", [1, 2, 3], ids=["one", "two", "three"])
    async def is_odd(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)
        assert number % 2

    with pytest.raises(BaseExceptionGroup, match=r"1 of 3 cases failed\ncase: two"):
        await is_odd()
    assert seen == [1, 2, 3]


def test_cases_that_a_function_makes_are_made_when_the_test_runs() -> None:
    made: list[int] = []

    def cases() -> list[int]:
        made.append(len(made))
        return [1, 2]

    @every_case("number", cases)
    def is_odd(number: int) -> None:
        assert number % 2

    assert made == []
    with pytest.raises(BaseExceptionGroup, match=r"1 of 2 cases failed\ncase: 2"):
        is_odd()
    assert made == [0]


def test_other_arguments_stay_fixtures() -> None:
    @every_case("number", [1, 2])
    def needs(number: int, tmp_path: str) -> None:
        assert f"{tmp_path}{number}" in ("here1", "here2")

    needs(tmp_path="here")
    with pytest.raises(AssertionError, match="does not take"):
        every_case("missing", [1])(lambda number: None)
