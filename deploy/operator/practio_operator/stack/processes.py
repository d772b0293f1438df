"""The processes of a stack that its supervisor does not control, or no longer controls."""

import os
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from practio_operator.stack.home import Home
from practio_operator.stack.programs import MARK
from practio_operator.stack.waiting import PAUSE_SECONDS

PATIENCE_SECONDS = 20


def end_leftovers(home: Home) -> int:
    """End every process that has this stack's mark, and return their number.

    A killed supervisor leaves its programs behind, and Erlang's port mapper always outlives its starter.
    """
    left = [process for process in psutil.process_iter() if _belongs_to(process, home)]
    for process in left:
        _signal(process, "terminate")
    _, alive = psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
    for process in alive:
        _signal(process, "kill")
    psutil.wait_procs(alive, timeout=PATIENCE_SECONDS)
    return len(left)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for a condition; return whether it held within this time."""
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return holds


def wait_until_gone(pid: int, *, seconds: float) -> bool:
    """Wait for a process; return whether it ended within this time."""
    try:
        psutil.Process(pid).wait(timeout=seconds)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def _belongs_to(process: psutil.Process, home: Home) -> bool:
    try:
        return process.pid != os.getpid() and bool(process.environ().get(MARK) == str(home.folder))
    except (psutil.Error, OSError):
        return False  # already gone, or another user's


def _signal(process: psutil.Process, how: str) -> None:
    with suppress(psutil.NoSuchProcess):
        getattr(process, how)()
