"""Many cases of one sentence in one test: pytest's own parametrisation costs milliseconds per case, this costs none."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial, wraps
from typing import Any

import pytest

_PARAM = type(pytest.param())

MOST_SHOWN = 10
"""How many failed cases a report shows whole; all are named."""


def every_case(
    names: str | Sequence[str],
    cases: Iterable[Any] | Callable[[], Iterable[Any]],
    *,
    ids: Iterable[str] | Callable[[Any], object] = repr,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a test, ``async`` or not, with each case in turn; it fails with every case that failed, by its name.

    Two on one test walk the product of their cases. Other arguments stay fixtures; those of a function are shared by
    all cases. Cases that take long to make are a function: it is called when the test runs, not for each collection.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    names_of_cases = None if callable(ids) else list(ids)

    @cache
    def values() -> list[Sequence[Any]]:
        """Return the arguments of each case."""
        found = [_values(case, len(arguments)) for case in (cases if isinstance(cases, Iterable) else cases())]
        assert names_of_cases is None or len(names_of_cases) == len(found), "each case has one name"
        return found

    if isinstance(cases, Iterable):
        values()

    def name_of(number: int) -> str:
        """Return the name of a case that failed: to name those that did not takes longer than many tests."""
        if names_of_cases is not None:
            return names_of_cases[number]
        assert callable(ids)
        return ", ".join(str(ids(value)) for value in values()[number])

    def folded(test: Callable[..., Any]) -> Callable[..., Any]:
        failures = _Failures()

        @wraps(test)
        def walk(**fixtures: Any) -> None:
            for number, case in enumerate(values()):
                with failures.kept(partial(name_of, number)):
                    test(**dict(zip(arguments, case, strict=True)), **fixtures)
            failures.report(len(values()))

        @wraps(test)
        async def walk_async(**fixtures: Any) -> None:
            for number, case in enumerate(values()):
                with failures.kept(partial(name_of, number)):
                    await test(**dict(zip(arguments, case, strict=True)), **fixtures)
            failures.report(len(values()))

        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in arguments]
        assert len(left) + len(arguments) == len(signature.parameters), f"{test.__name__} does not take {arguments}"
        walks: Callable[..., Any] = walk_async if inspect.iscoroutinefunction(test) else walk
        del walks.__dict__["__wrapped__"]  # pytest would ask it for its arguments
        walks.__dict__["__signature__"] = signature.replace(parameters=left)
        return walks

    return folded


class _Failures:
    """The errors of the cases of one walk."""

    def __init__(self) -> None:
        self._errors: list[BaseException] = []

    @contextmanager
    def kept(self, name: Callable[[], str]) -> Iterator[None]:
        """Keep the error of the block, with the name of its case."""
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # reported at the end
            error.add_note(f"case: {name()}")
            self._errors.append(error)

    def report(self, count: int) -> None:
        """Raise the errors of ``count`` cases, if there are any."""
        errors, self._errors = self._errors, []
        if errors:
            raise BaseExceptionGroup(_summary(errors, count), errors[:MOST_SHOWN])


def _values(case: Any, count: int) -> Sequence[Any]:
    if isinstance(case, _PARAM):
        assert not case.marks, f"a case has no marks of its own: {case}"
        return case.values
    return (case,) if count == 1 else tuple(case)


def _summary(failed: Sequence[BaseException], count: int) -> str:
    notes = "\n".join(note for error in failed for note in error.__notes__)
    return f"{len(failed)} of {count} cases failed\n{notes}"
