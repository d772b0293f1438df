"""Deadlines for what pytest-timeout does not cover: the fixtures around a test.

A test itself has 60 seconds (pyproject.toml), on real servers more, unless its marker ``timeout`` states otherwise.
Fixtures start servers and stacks, once for many tests, so they have a deadline of their own.
"""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from pytest_timeout import Settings

FIXTURE_SECONDS = 240.0
"""How long all fixtures of one test may take to set up, and again to tear down, on a busy machine."""

ON_SERVERS = {
    "tests/integration/compose/": 900.0,
    "tests/integration/": 300.0,
    "tests/machine/": 300.0,
    "tests/system/": 300.0,
    "tests/containers/": 1_800.0,
    "tests/upgrade/": 1_800.0,
}
"""Tests on real servers wait for them: several at a time on a busy machine may take long. Compose builds images first.
The first folder that a test is in counts."""

AGAIN_SECONDS = 15.0
"""A deadline that was raised within a background task is lost, so it is raised again."""


@contextmanager
def deadline(item: pytest.Item, seconds: float) -> Iterator[None]:
    """Fail the block after so many seconds."""
    timeout = item.get_closest_marker("timeout")
    if timeout is not None:
        seconds = max(seconds, *timeout.args)
    item.ihook.pytest_timeout_set_timer(item=item, settings=Settings(seconds, "signal", True, False))
    try:
        yield
    finally:
        item.ihook.pytest_timeout_cancel_timer(item=item)


def extend_those_on_servers(items: Iterable[pytest.Item]) -> None:
    """Set a longer deadline for each test on real servers, unless it has its own."""
    for item in items:
        seconds = next((most for folder, most in ON_SERVERS.items() if item.nodeid.startswith(folder)), None)
        if seconds and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(seconds))


def repeat() -> None:
    """Let the timer that is running now go off again until it is cancelled."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if left:
        signal.setitimer(signal.ITIMER_REAL, left, AGAIN_SECONDS)
