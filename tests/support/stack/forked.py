"""Programs of Practio as processes forked from one that has loaded their libraries: a start takes a tenth of the time.

Most of a start is importing libraries, a second of processor time, and a whole run of the tests starts some hundreds.
The fork runs the program as ``python -m`` does, in a group of its own, with its own environment, output and folder.
Only tests fork: what a benchmark measures, and the campaign breaks, are real programs, with their own memory.
"""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from weakref import WeakSet

from tests.support.stack.watch import MARK, marked

_PRELOADED = "tests.support.stack.preloaded"
_RUNNING: WeakSet[ForkServerProcess] = WeakSet()


@dataclass(frozen=True)
class ForkedProgram:
    """What runs, with its arguments, the name of the command first, and where; output is added to the files."""

    function: Callable[[], object]
    arguments: Sequence[str]
    environment: dict[str, str]
    output: Path
    errors: Path
    folder: Path | None = None


class ForkedProcess:
    """A program that runs; the part of ``subprocess.Popen`` that tests use."""

    def __init__(self, program: ForkedProgram) -> None:
        """Start the program; return once it has a group of its own."""
        context = _context()
        ready, started = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(program, started), daemon=True)
        self._process.start()
        _RUNNING.add(self._process)
        started.close()
        with ready, suppress(EOFError):  # which says that the process has ended already
            ready.recv()

    @property
    def pid(self) -> int:
        """Return the process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, negative if a signal ended the process; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code; raise ``subprocess.TimeoutExpired`` after ``timeout`` seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def allow() -> None:
    """Let this process fork the programs that it starts by their modules."""
    _Forking.is_allowed = True


def is_allowed() -> bool:
    """Return whether this process forks programs: as tests do, and nothing else."""
    return _Forking.is_allowed


class _Forking:
    is_allowed = False


def run(function: Callable[[], object], arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str, str]:
    """Run a program to its end; return its exit code, its output and what it wrote to standard error."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        exit_code = ForkedProcess(ForkedProgram(function, arguments, environment, output, errors)).wait()
        return exit_code, output.read_text(), errors.read_text()


@cache
def _context() -> ForkServerContext:
    """Start what forks; it and all its forks end with this process at the latest."""
    os.environ[MARK] = marked({})[MARK]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    atexit.register(_kill_all)  # before multiprocessing waits for them, and a frozen one never ends
    return context


def _kill_all() -> None:
    for process in _RUNNING:
        process.kill()


def _run(program: ForkedProgram, started: Connection) -> None:
    os.setsid()
    with started:
        started.send(None)
    for descriptor, path in ((1, program.output), (2, program.errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # it is flushed at the end
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(program.environment)
    sys.argv = list(program.arguments)
    if program.folder:
        os.chdir(program.folder)
    program.function()
