"""Many cases of one sentence in one test: pytest's own parametrisation costs milliseconds per case, this costs none."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

_PARAM = type(pytest.param())

MOST_SHOWN = 10
"""How many failed cases a report shows whole; all are named."""


def every_case(
    names: str | Sequence[str], cases: Iterable[Any], *, ids: Iterable[str] | Callable[[Any], object] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with each case in turn, as ``pytest.mark.parametrize`` does; it fails with every case that failed.

    Two on one test walk the product of their cases. Other arguments stay fixtures; those of a function are shared by
    all cases.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    values = [_values(case, len(arguments)) for case in cases]
    names_of_cases = None if callable(ids) else list(ids)
    assert names_of_cases is None or len(names_of_cases) == len(values), "each case has one name"

    def name_of(number: int) -> str:
        """Return the name of a case that failed: to name those that did not takes longer than many tests."""
        if names_of_cases is not None:
            return names_of_cases[number]
        assert callable(ids)
        return ", ".join(str(ids(value)) for value in values[number])

    def folded(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def walk(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for number, case in enumerate(values):
                try:
                    test(**dict(zip(arguments, case, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # reported below
                    error.add_note(f"case: {name_of(number)}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(_summary(failed, len(values)), failed[:MOST_SHOWN])

        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in arguments]
        assert len(left) + len(arguments) == len(signature.parameters), f"{test.__name__} does not take {arguments}"
        del walk.__wrapped__  # pytest would ask it for its arguments
        walk.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return walk

    return folded


def _values(case: Any, count: int) -> Sequence[Any]:
    if isinstance(case, _PARAM):
        assert not case.marks, f"a case has no marks of its own: {case}"
        return case.values
    return (case,) if count == 1 else tuple(case)


def _summary(failed: Sequence[BaseException], count: int) -> str:
    notes = "\n".join(note for error in failed for note in error.__notes__)
    return f"{len(failed)} of {count} cases failed\n{notes}"
