"""Processes of tests do not get in each other's way."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

ROOT = Path(__file__).parents[3]

CLAIMING = """
import sys
from practio_operator.stack import ports
from tests.support import parallel

parallel.keep_to_own_ports()
print(ports.FIRST, ports.LAST, flush=True)
sys.stdin.read()
"""


def test_no_two_processes_have_a_port_in_common() -> None:
    with ExitStack() as stack:
        runs = [
            stack.enter_context(
                subprocess.Popen(
                    (sys.executable, "-c", CLAIMING), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
                )
            )
            for _ in range(3)
        ]
        ranges = [range(*map(int, run.stdout.readline().split())) for run in runs if run.stdout]
        for run in runs:
            run.communicate()
    assert len(set().union(*ranges)) == sum(map(len, ranges)) > 0
