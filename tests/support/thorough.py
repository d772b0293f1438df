"""Tests of which `make test` runs a part, and `make test-all` everything."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pytest

Case = TypeVar("Case")


def mostly_thorough(cases: Iterable[Any], *, first: int) -> list[Any]:
    """Return the values of one argument for ``pytest.mark.parametrize``: all after the first ones are thorough."""
    return [pytest.param(case, marks=pytest.mark.thorough) if at >= first else case for at, case in enumerate(cases)]


def times(few: int, *, thoroughly: int) -> range:
    """Return how often a random test repeats: ``few`` times in `make test`, more in `make test-all`."""
    return range(thoroughly if _Run.is_thorough else few)


def some(cases: Sequence[Case], *, few: int) -> Sequence[Case]:
    """Return the cases of a walk: the first ``few`` in `make test`, all in `make test-all`."""
    return cases if _Run.is_thorough else cases[:few]


def decide(*, is_thorough: bool) -> None:
    """Note whether this run includes the thorough tests; called once, before tests are imported."""
    _Run.is_thorough = is_thorough


class _Run:
    is_thorough = True
