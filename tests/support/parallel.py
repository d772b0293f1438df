"""How a run is shared out among the workers of pytest-xdist.

Each worker has servers, stacks and ports of its own, so nothing that a test does to a server reaches another worker.
The tests of one file, or of one folder that shares a stack of its own, stay together on one worker.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from xdist.scheduler import LoadScopeScheduling

from practio_operator.stack import ports

TOGETHER = (
    "tests/contracts",
    "tests/integration/compose",
    "tests/integration/provision",
    "tests/integration/rooms/crowded",
    "tests/integration/tls",
    "tests/system/restoring",
    "tests/unit/membership",
    "tests/unit/notifications",
    "tests/unit/pages",
)
"""Folders whose tests share what is expensive to make: servers of their own, or letters and pages written once."""

ABOUT_ALL_FILES = "tests/unit"
"""The folder whose own modules, without those in folders of it, stay together: they read all our files, each once."""

LONGEST_FIRST = (
    "tests/integration/compose",
    "tests/system/restoring",
    "tests/integration/operator/test_native_stack.py",
    "tests/system/browser/test_every_page.py",
    "tests/system/test_survival.py",
    "tests/integration/rooms/crowded",
    "tests/system/test_campaign.py",
    "tests/system/test_retrying.py",
    "tests/system/test_shards.py",
    "tests/system/test_care.py",
    "tests/system/test_failover.py",
    "tests/system/test_vanishing.py",
    "tests/system/test_answers.py",
    "tests/system/test_prometheus.py",
    "tests/system/test_rotation.py",
    "tests/system/test_workflow_machine.py",
    "tests/system",
    "tests/integration",
    "tests/machine",
    "tests/unit/pages",
    "tests/unit/notifications",
    "tests/contracts",
)
"""The order in which groups start; all others come last and fill the remaining time."""

FIRST_PORT = 10_000
"""The ports of tests end where those begin that `practio up` takes, which tests run too, or a person meanwhile."""

PORTS_EACH = 600
"""More than the servers of one worker take in a whole run."""

_CLAIMS: list[IO[str]] = []
"""Open as long as the process lives: a lock goes with its file."""


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Keeps the tests of a group together on one worker.

    xdist's own ``loadgroup`` does not work with pytest 9.2, without an error (pytest-xdist, issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the name of the group that a test belongs to."""
    path = nodeid.partition("::")[0]
    if path.rpartition("/")[0] == ABOUT_ALL_FILES:
        return ABOUT_ALL_FILES
    return next((folder for folder in TOGETHER if path.startswith(f"{folder}/")), path)


def order(items: list[pytest.Item]) -> None:
    """Order tests so that the groups that take longest come first, each group in one piece."""
    items.sort(key=lambda item: (_rank(item.nodeid), group_of(item.nodeid)))


def _rank(nodeid: str) -> int:
    return next((rank for rank, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start)), len(LONGEST_FIRST))


def keep_to_own_ports() -> None:
    """Limit this process to a range of ports that no other worker or run takes until this process ends.

    So a port of a server that a test stopped is free when the test starts it again.
    """
    for first in range(FIRST_PORT, ports.FIRST - PORTS_EACH + 1, PORTS_EACH):
        if _claimed(f"practio-tests-{os.getuid()}-ports-{first}.lock"):
            ports.FIRST, ports.LAST = first, first + PORTS_EACH
            return
    raise RuntimeError("more test processes than ranges of ports; end some")


def _claimed(name: str) -> bool:
    """Return whether this process has the lock of this name now, which it keeps until it ends."""
    lock = (Path(tempfile.gettempdir()) / name).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return False
    _CLAIMS.append(lock)
    return True


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let no other worker do this at the same time, such as installing a package."""
    with (Path(tempfile.gettempdir()) / f"practio-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
