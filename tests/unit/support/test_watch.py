"""What tests start ends with them."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tests.support.eventually import eventually

pytestmark = pytest.mark.thorough  # it starts processes that end slowly, and looks at nothing that is shipped

ROOT = Path(__file__).parents[3]

STARTER = """
import os, sys, time
from pathlib import Path
from tests.support.stack.processes import ManagedProcess

started = ManagedProcess("sleeper", ("sh", "-c", "sleep 600 & sleep 600"), dict(os.environ), Path(sys.argv[1]))
started.start()
print(started.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_what_tests_started_ends_with_them(number: signal.Signals, tmp_path: Path) -> None:
    tests = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER, tmp_path / "sleeper.log", stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    assert tests.stdout
    shell = psutil.Process(int(await tests.stdout.readline()))
    try:
        await eventually(lambda: bool(shell.children()), within=10)
        started = [shell, *shell.children()]
        tests.send_signal(number)
        await tests.wait()
        await eventually(lambda: not any(each.is_running() for each in started), within=20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)


ENDED = """
import os, signal
from pathlib import Path

import pytest

@pytest.fixture
def servers():
    yield
    Path("ended").touch()

def test_it(servers):
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
"""


IN_FRONT = ()
IN_THE_BACKGROUND = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""As a shell without job control starts a command in the background: SIGINT is ignored."""


@pytest.mark.parametrize(
    "started",
    [
        pytest.param(IN_FRONT, id="in front"),
        pytest.param(IN_THE_BACKGROUND, id="background"),
    ],
)
def test_sigterm_ends_a_session_with_its_fixtures(tmp_path: Path, started: Sequence[str]) -> None:
    (tmp_path / "test_it.py").write_text(ENDED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(
        (*started, sys.executable, "-m", "pytest", "-n0", "-q", "-p", "tests.conftest", "test_it.py"),
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=50,
    )
    assert run.returncode == 2, run.stdout.decode()
    assert (tmp_path / "ended").exists()
