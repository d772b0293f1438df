"""The supervisor of a stack without Docker: supervisord, controlled over its own XML-RPC interface.

It starts programs on request, restarts those that die, and keeps a log per program. See http://supervisord.org/.
"""

import base64
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy

from practio_operator.console.errors import OperatorError
from practio_operator.stack.home import Home, write_private
from practio_operator.stack.logs import last_lines
from practio_operator.stack.programs import MARK, Program
from practio_operator.stack.waiting import until

ALREADY_STARTED, NOT_RUNNING = 60, 70
"""Fault codes of supervisor/xmlrpc.py that mean that nothing has to be done."""

# Left out of every process's environment: the caller's own settings of the same programs.
FOREIGN_PREFIXES = ("PRACTIO_", "RABBITMQ_", "ERL_", "PG")


@dataclass(frozen=True)
class Supervisor:
    """The supervisor of one stack, running or not."""

    home: Home
    port: int
    password: str

    def start(self, programs: list[Program]) -> None:
        """Write the configuration and start the supervisor in the background; it starts no program yet."""
        self.home.logs.mkdir(exist_ok=True)
        write_private(self.home.supervisor_conf, self._configuration(programs))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.home.supervisor_conf)]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN_PREFIXES)}
        done = subprocess.run(
            command, env=environment | {MARK: str(self.home.folder)}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = next(iter((done.stderr or done.stdout).splitlines()), "")
            raise OperatorError(f"The supervisor did not start. {reason}")

    def answers(self) -> bool:
        """Return whether it runs and accepts calls."""
        try:
            return bool(self._calls.getState()["statename"] == "RUNNING")
        except (OSError, ProtocolError):
            return False

    def pid(self) -> int:
        """Return its process id."""
        return int(self._calls.getPID())

    def states(self) -> dict[str, dict[str, Any]]:
        """Return the state of each program, by name: `statename`, `pid`, `start` (epoch seconds), `description`."""
        return {info["name"]: info for info in self._calls.getAllProcessInfo()}

    def run(self, *names: str) -> None:
        """Start those of these programs that do not run; do not wait until they are ready."""
        for name in names:
            self._control("startProcess", name, harmless=ALREADY_STARTED)

    def stop(self, *names: str) -> None:
        """Stop these programs concurrently, and kill those that take too long; they stay stopped until ``run``."""
        for name in names:
            self._control("stopProcess", name, harmless=NOT_RUNNING)

    def have_ended(self, *names: str) -> bool:
        """Return whether none of these programs runs any more."""
        states = self.states()
        return all(states[name]["pid"] == 0 for name in names if name in states)

    def shut_down(self, *, killing: Iterable[str] = ()) -> None:
        """Stop what still runs, the last of the list first, and exit; kill these programs with all their processes."""
        states = self.states()
        self._calls.shutdown()  # from here on it starts nothing again
        for name in killing:
            with suppress(ProcessLookupError):
                if pid := states[name]["pid"]:
                    os.killpg(pid, signal.SIGKILL)  # each program leads a process group

    async def ready(self, name: str, is_ready: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
        """Return when this program is ready. Raise OperatorError with the end of its log if it takes too long."""
        await until(is_ready, seconds=seconds, otherwise=lambda: f"{name} is not ready. {self._end_of_log(name)}")

    @property
    def _calls(self) -> Any:
        login = base64.b64encode(f"practio:{self.password}".encode()).decode()
        headers = [("Authorization", f"Basic {login}")]
        return ServerProxy(f"http://127.0.0.1:{self.port}/RPC2", headers=headers).supervisor

    def _control(self, call: str, name: str, *, harmless: int) -> None:
        try:
            getattr(self._calls, call)(name, False)
        except Fault as fault:
            if fault.faultCode != harmless:
                raise OperatorError(f"{name}: {fault.faultString}. {self._end_of_log(name)}") from None

    def _end_of_log(self, name: str) -> str:
        path = self.home.logs / f"{name}.log"
        lines = last_lines(path, 12)
        return "\n".join([f"The end of {path}:", *lines]) if lines else f"{path} is empty."

    def _configuration(self, programs: list[Program]) -> str:
        root = "user=root\n" if os.geteuid() == 0 else ""
        head = (
            "[supervisord]\n"
            f"{root}pidfile={_literal(self.home.supervisor_pid)}\n"
            f"logfile={_literal(self.home.logs / 'supervisor.log')}\n"
            f"directory={_literal(self.home.folder)}\n"
            "[inet_http_server]\n"
            f"port=127.0.0.1:{self.port}\nusername=practio\npassword={self.password}\n"
            "[supervisorctl]\n"  # to stop one part by hand
            f"serverurl=http://127.0.0.1:{self.port}\nusername=practio\npassword={self.password}\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        )
        return head + "".join(self._section(program, rank) for rank, program in enumerate(programs))

    def _section(self, program: Program, rank: int) -> str:
        lines = [
            f"[program:{program.name}]",
            f"command={_literal(shlex.join(program.command))}",
            f"environment={_literal(_pairs(program.environment))}",
            f"directory={_literal(program.folder or self.home.folder)}",
            f"priority={rank + 1}",
            "autostart=false",
            "autorestart=true",
            "startretries=100",
            f"stopsignal={program.stop_signal}",
            f"stopwaitsecs={program.stop_seconds}",
            "killasgroup=true",
            f"stdout_logfile={_literal(self.home.logs / program.name)}.log",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=1",
            "redirect_stderr=true",
        ]
        if program.user:
            lines.append(f"user={program.user}")
        return "\n".join(lines) + "\n"


def _pairs(environment: dict[str, str]) -> str:
    return ",".join(f'{key}="{value}"' for key, value in environment.items())


def _literal(value: object) -> str:
    """Return a value for the configuration, whose reader expands `%(name)s`: a plain percent sign is doubled."""
    return str(value).replace("%", "%%")
