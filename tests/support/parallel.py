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

import pytest

from practio_operator.stack import ports

TOGETHER = ("tests/integration/provision", "tests/integration/tls", "tests/system/restoring")
"""Folders whose tests share servers of their own, which are expensive to start."""

LONGEST_FIRST = (
    "tests/system/restoring",
    "tests/integration/operator/test_native_stack.py",
    "tests/system/browser/test_every_page.py",
    "tests/system/test_survival.py",
    "tests/system/test_prometheus.py",
    "tests/system/test_rotation.py",
    "tests/system/test_workflow_machine.py",
    "tests/system",
    "tests/integration",
    "tests/machine",
)
"""The order in which groups start; all others come last and fill what time is left."""


def group_of(path: str) -> str:
    """Return the name of the group that a test file belongs to."""
    return next((folder for folder in TOGETHER if path.startswith(f"{folder}/")), path)


def share_out(items: list[pytest.Item]) -> None:
    """Give each test its group and order the groups, those that take longest first."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group_of(item.nodeid.partition("::")[0])))
    items.sort(key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    return next((rank for rank, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start)), len(LONGEST_FIRST))


def keep_to_own_ports(worker: int, workers: int) -> None:
    """Give this worker a range of ports of its own: a port that was found free stays unused for some seconds."""
    share = (ports.LAST - ports.FIRST) // workers
    ports.FIRST += worker * share
    ports.LAST = ports.FIRST + share


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let no other worker do this at the same time, such as installing a package."""
    with (Path(tempfile.gettempdir()) / f"practio-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
