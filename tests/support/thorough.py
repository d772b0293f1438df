"""Tests of which `make test` runs a part, and `make test-all` everything."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

Case = TypeVar("Case")
Other = TypeVar("Other")


def mostly_thorough(cases: Iterable[Any], *, first: int) -> list[Any]:
    """Return the values of one argument for ``pytest.mark.parametrize``: all after the first ones are thorough."""
    return [pytest.param(case, marks=pytest.mark.thorough) if at >= first else case for at, case in enumerate(cases)]


def times(few: int, *, thoroughly: int) -> range:
    """Return how often a random test repeats: ``few`` times in `make test`, more in `make test-all`."""
    return range(thoroughly if _Run.is_thorough else few)


def examples(few: int, *, thoroughly: int) -> settings:
    """Return how many examples a test with Hypothesis draws: ``few`` in `make test`, more in `make test-all`."""
    return settings(max_examples=thoroughly if _Run.is_thorough else few)


def some(cases: Sequence[Case], *, few: int) -> Sequence[Case]:
    """Return the cases of a walk: the first ``few`` in `make test`, all in `make test-all`."""
    return cases if _Run.is_thorough else cases[:few]


def part(cases: Iterable[Case], *, of: int, at: int = 0) -> Sequence[Case]:
    """Return the cases of a walk: one of each ``of`` in `make test`, beginning ``at`` a number; all in `make test-all`.

    Walks over the same cases begin at different ones, so that together they see each case.
    """
    every = list(cases)
    return every if _Run.is_thorough else every[at % of :: of]


def in_turn(cases: Iterable[Case], others: Sequence[Other]) -> Sequence[tuple[Case, Other]]:
    """Return pairs for a walk: in `make test` each case with the next of ``others``, in `make test-all` with each."""
    if _Run.is_thorough:
        return list(product(cases, others))
    return [(case, others[at % len(others)]) for at, case in enumerate(cases)]


def is_run() -> bool:
    """Return whether this run includes the thorough tests."""
    return _Run.is_thorough


def decide(*, is_thorough: bool) -> None:
    """Note whether this run includes the thorough tests; called once, before tests are imported.

    Tests with Hypothesis draw more examples then, and one that fails prints the decorator that repeats its example.
    """
    _Run.is_thorough = is_thorough
    number = 100 if is_thorough else 15
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "practio", max_examples=number, deadline=None, suppress_health_check=slow, print_blob=True
    )
    settings.load_profile("practio")


class _Run:
    is_thorough = True
