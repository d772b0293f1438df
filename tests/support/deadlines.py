"""Deadlines for what pytest-timeout does not cover: the fixtures around a test.

A test itself has 60 seconds unless its marker ``timeout`` states more (pyproject.toml). Fixtures start servers and
stacks, once for many tests, so they have a deadline of their own.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_timeout import Settings

FIXTURE_SECONDS = 240.0
"""How long all fixtures of one test may take to set up, and again to tear down, on a busy machine."""

AGAIN_SECONDS = 15.0
"""A deadline that was raised within a background task is lost, so it is raised again."""


@contextmanager
def deadline(item: pytest.Item, seconds: float) -> Iterator[None]:
    """Fail what runs in the block after so many seconds."""
    timeout = item.get_closest_marker("timeout")
    if timeout is not None:
        seconds = max(seconds, *timeout.args)
    item.ihook.pytest_timeout_set_timer(item=item, settings=Settings(seconds, "signal", True, False))
    try:
        yield
    finally:
        item.ihook.pytest_timeout_cancel_timer(item=item)


def repeat() -> None:
    """Let the timer that is running now go off again until it is cancelled."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if left:
        signal.setitimer(signal.ITIMER_REAL, left, AGAIN_SECONDS)
