"""Processes that tests start, kill, stop and start again."""

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 45.0


@dataclass
class Kept:
    """One process with all its children; its output goes to ``log``, which outlives it."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    user: str | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def runs(self) -> bool:
        """Say whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Give the process id; an error where it was never started."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> None:
        """Start the process in a group of its own."""
        assert not self.runs, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self.user,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the whole group (``-9``) and wait until the process is gone."""
        self._signal(signal.SIGKILL)
        self._wait(10)

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        assert self._process is not None
        self._process.send_signal(self.stop_signal)

    def stop(self) -> int:
        """Ask the process to stop and give its exit code; it is killed where it takes longer than 45 s."""
        if self.runs:
            self.ask_to_stop()
        try:
            return self._wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within {STOP_SECONDS:g} s; see {self.log}") from None

    def tail(self, lines: int = 20) -> str:
        """Give the last lines of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def _wait(self, seconds: float) -> int:
        assert self._process is not None
        return self._process.wait(seconds)
