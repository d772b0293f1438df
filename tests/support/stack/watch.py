"""No process outlives the tests that started it: a watcher ends what is left once they are gone, however they went."""

import os
import subprocess
import sys
from contextlib import suppress
from functools import cache

import psutil

MARK = "STARTED_BY_TESTS"
"""The variable in the environment of every process that tests start; its value is the process id of the tests."""


def marked(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment for a process that ends with this one at the latest."""
    mark = str(os.getpid())
    _watcher(mark)
    return environment | {MARK: mark}


@cache
def _watcher(mark: str) -> subprocess.Popen[bytes]:
    """Start the watcher of this process; the pipe to it closes when this process ends, even by SIGKILL."""
    return subprocess.Popen(
        (sys.executable, "-m", __name__, mark),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill_marked(mark: str) -> None:
    """Kill every process with this mark; repeat it for what they started meanwhile."""
    while left := [each for each in psutil.process_iter() if _has(each, mark)]:
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(left, timeout=10)


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and bool(process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):
        return False  # already gone, or another user's


if __name__ == "__main__":
    sys.stdin.buffer.read()
    _kill_marked(sys.argv[1])
