"""Parametrised tests of which `make test` runs a part, and `make test-all` everything."""

from collections.abc import Iterable
from typing import Any

import pytest


def mostly_thorough(cases: Iterable[Any], *, first: int) -> list[Any]:
    """Return the values of one argument for ``pytest.mark.parametrize``: all after the first ones are thorough."""
    return [pytest.param(case, marks=pytest.mark.thorough) if at >= first else case for at, case in enumerate(cases)]
