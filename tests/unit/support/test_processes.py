"""The processes of tests: a killed one leaves nothing that could be in the way of the next."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from tests.support.eventually import eventually
from tests.support.stack.processes import ManagedProcess

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""
"""A process whose child leads a session of its own, as every child of PostgreSQL's does."""


async def test_a_killed_process_takes_children_in_sessions_of_their_own_with_it(tmp_path: Path) -> None:
    log = tmp_path / "parent.log"
    parent = ManagedProcess("parent", (sys.executable, "-c", PARENT), dict(os.environ), log)
    parent.start()
    child = int(await eventually(lambda: log.read_text().strip(), message="the child's number"))
    parent.kill()
    try:
        assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    finally:
        if psutil.pid_exists(child):
            psutil.Process(child).kill()
