"""Docker Compose, run on the stack of one home."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from practio_operator.console.errors import OperatorError
from practio_operator.stack.home import CHECKOUT, Home

COMPOSE_FILE = CHECKOUT / "deploy" / "compose.yaml"
LOG_LINES = 12
ERASE_LINE = "\x1b[2K"
"""Printed by Compose before some lines of a log, even without a terminal."""


@dataclass(frozen=True)
class Compose:
    """The Compose project of a home; its settings are in the home's compose.env, which must exist."""

    home: Home

    @property
    def project(self) -> str:
        """Return the prefix of the names of all containers, networks and volumes of this home; no other home has it."""
        return f"practio-{hashlib.sha256(str(self.home.folder).encode()).hexdigest()[:10]}"

    def run(self, *arguments: str) -> str:
        """Run a Compose command, and return its output. Raise OperatorError with its last lines if it fails."""
        done = self._run(*arguments)
        if done.returncode:
            output = (done.stderr or done.stdout).strip().splitlines()[-LOG_LINES:]
            raise OperatorError("\n".join([f"docker compose {arguments[0]} failed:", *output]))
        return done.stdout

    def up(self, *, seconds: int) -> None:
        """Start the parts that do not run, and return when everything is healthy.

        Raise OperatorError with the last lines of each part that is not healthy within this time.
        """
        try:
            self.run("up", "--detach", "--wait", "--wait-timeout", str(seconds))
        except OperatorError as error:
            broken = "\n".join(self.not_ready(part) for part in self._broken())
            raise OperatorError(broken or str(error)) from None

    def log(self, part: str, *, lines: int) -> str:
        """Return the last lines of a part's log."""
        return self._run("logs", "--no-log-prefix", "--tail", str(lines), part).stdout.replace(ERASE_LINE, "").rstrip()

    def not_ready(self, part: str) -> str:
        """Return a sentence that a part is not ready, with the end of its log."""
        return f"{part} is not ready. The end of its log:\n{self.log(part, lines=LOG_LINES) or 'It is empty.'}"

    def _broken(self) -> Iterator[str]:
        """Yield the parts that were started and are neither healthy nor done.

        A part that crashes and restarts may be in any state, so the state unhealthy alone would not find it.
        """
        for line in self._run("ps", "--all", "--format", "json").stdout.splitlines():
            container = json.loads(line)
            done = container["State"] == "exited" and container["ExitCode"] == 0
            if container["State"] != "created" and container["Health"] != "healthy" and not done:
                yield container["Service"]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Compose without the caller's own variables, which would override the home's file."""
        files = ("--file", str(COMPOSE_FILE), "--env-file", str(self.home.compose_env))
        try:
            return subprocess.run(
                ["docker", "compose", "--ansi", "never", "--project-name", self.project, *files, *arguments],
                env={key: value for key, value in os.environ.items() if not key.startswith(("PRACTIO_", "COMPOSE_"))},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise OperatorError("Docker is missing, and the stack runs on it: install it again.") from None
