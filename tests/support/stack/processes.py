"""Processes that tests start, kill, stop and start again."""

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
from tests.support.stack import forked
from tests.support.stack.forked import ForkedProcess, ForkedProgram
from tests.support.stack.watch import marked

STOP_SECONDS = 45.0


@dataclass
class ManagedProcess:
    """One process with all its children; its output goes to ``log``, which outlives it."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    user: str | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    _process: subprocess.Popen[bytes] | ForkedProcess | None = field(default=None, init=False)

    @property
    def runs(self) -> bool:
        """Return whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the process id; raise an error if it was never started."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> None:
        """Start the process in a group of its own; it ends with this process at the latest."""
        assert not self.runs, f"{self.name} runs already"
        if program := self._as_program():
            self._process = ForkedProcess(program)
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=marked(self.environment),
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self.user,
                start_new_session=True,
            )

    def _as_program(self) -> ForkedProgram | None:
        """Return what is to be forked if the command is a module of ours, and nothing is to be loaded before it."""
        if not forked.is_allowed():
            return None
        match self.command:
            case (sys.executable, "-m", module, *arguments) if module.startswith(("practio_", "tests.")):
                if "LD_PRELOAD" in self.environment:
                    return None
                function = partial(runpy.run_module, module, run_name="__main__", alter_sys=True)
                return ForkedProgram(function, (module, *arguments), self.environment, self.log, self.log, self.folder)
        return None

    def kill(self) -> None:
        """Kill the process with all its children (``-9``), and wait until they are gone.

        PostgreSQL's children lead groups of their own. One that outlives the server by a moment holds the shared
        memory, for which a server that is started then ends at once.
        """
        children = self._children()
        self._signal(signal.SIGKILL)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._wait(10)
        psutil.wait_procs(children, timeout=10)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the whole group (SIGSTOP) for as long as the block lasts: it keeps its connections, and is silent."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        assert self._process is not None
        self._process.send_signal(self.stop_signal)

    def stop(self) -> int:
        """Ask the process to stop and return its exit code; kill it if it takes longer than 45 s."""
        if self.runs:
            self.ask_to_stop()
        try:
            return self._wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within {STOP_SECONDS:g} s; see {self.log}") from None

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _children(self) -> list[psutil.Process]:
        try:
            found: list[psutil.Process] = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return found

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def _wait(self, seconds: float) -> int:
        assert self._process is not None
        return self._process.wait(seconds)
