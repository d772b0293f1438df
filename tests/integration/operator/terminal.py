"""A person who types `practio` commands, and looks at the machine afterwards."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from practio_operator.stack.home import Home
from practio_operator.stack.programs import MARK


@dataclass(frozen=True)
class Terminal:
    """A home, and the variables that are set while commands are typed; the run's own ones stay out."""

    home: Home
    variables: dict[str, str]

    def practio(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `practio` to its end."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PRACTIO_")}
        return subprocess.run(
            [str(Path(sys.executable).with_name("practio")), *arguments],
            env=inherited | self.variables | {"PRACTIO_HOME": str(self.home.folder)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *arguments: str, **variables: str) -> str:
        """Run `practio`, which must succeed, and return its output."""
        done = self.practio(*arguments, **variables)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def complains(self, *arguments: str, exits: int = 1, **variables: str) -> str:
        """Run `practio`, which must fail with a sentence and no traceback, and return the sentence."""
        done = self.practio(*arguments, **variables)
        assert done.returncode == exits
        assert done.stderr.startswith("practio: ")
        assert "Traceback" not in done.stdout + done.stderr
        return done.stderr

    def processes(self) -> list[psutil.Process]:
        """Return every process of the stack, found by the mark in its environment, and its child processes."""
        marked = [each for each in psutil.process_iter() if self._is_marked(each)]
        return list({process for each in marked for process in (each, *self._below(each))})

    @staticmethod
    def _below(process: psutil.Process) -> list[psutil.Process]:
        """Return the child processes of a process, none if it has ended meanwhile."""
        try:
            return list(process.children(recursive=True))
        except psutil.NoSuchProcess:
            return []

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return bool(process.environ().get(MARK) == str(self.home.folder))
        except psutil.Error:
            return False
