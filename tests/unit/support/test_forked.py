"""Programs that are forked behave as those that are started: exit code, output, environment, group and signals."""

import asyncio
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest
from tests.support.eventually import eventually
from tests.support.stack.forked import ForkedProcess, ForkedProgram, run
from tests.support.stack.watch import MARK

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped


def show(*, exits: int = 0) -> None:
    """Write what a program sees of its surroundings, and exit."""
    print(sys.argv, dict(os.environ), Path.cwd())
    print(os.getsid(0) == os.getpid(), file=sys.stderr)
    sys.exit(exits)


def fail() -> None:
    """Raise what nobody catches."""
    raise ValueError("as it may happen")


async def wait_for_ever() -> None:
    """Do nothing until a signal comes."""
    print("waiting", flush=True)
    await asyncio.Event().wait()


def stay() -> None:
    """Run until stopped, as a service does."""
    asyncio.run(wait_for_ever())


@pytest.mark.parametrize("exits", [0, 3])
def test_a_program_has_its_own_arguments_and_environment_and_returns_its_exit_code(exits: int) -> None:
    found = run(partial(show, exits=exits), ["practio", "--help"], {"ONLY": "this"})
    assert found == (exits, f"['practio', '--help'] {{'ONLY': 'this'}} {Path.cwd()}\n", "True\n")


def test_an_exception_ends_a_program_with_a_traceback() -> None:
    exit_code, output, errors = run(fail, ["practio"], {})
    assert (exit_code, output) == (1, "")
    assert errors.endswith("ValueError: as it may happen\n")


async def test_a_program_runs_until_a_signal_ends_it_and_is_found_by_the_mark_of_these_tests(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("kept\n")
    process = ForkedProcess(ForkedProgram(stay, ["practio"], {}, log, log, folder=tmp_path))
    await eventually(lambda: log.read_text() == "kept\nwaiting\n", message="it runs, and its output is added")
    assert psutil.Process(process.pid).environ()[MARK] == str(os.getpid())
    assert psutil.Process(process.pid).cwd() == str(tmp_path)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    process.send_signal(signal.SIGTERM)  # which nobody gets
