"""A child process: it never outlives this one, and if it fails, its error output is quoted."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from practio_operator.console.errors import OperatorError

_INSTALL = "PostgreSQL's client programs of the server's version, or name the database's container with --inside"
_REMEDIES = {
    "server version mismatch": f"install {_INSTALL}",
    "unsupported version": f"install {_INSTALL}",
    "unrecognized configuration parameter": f"install {_INSTALL}",
    "No such container": "give --inside the name of the database's container, as `docker ps` shows it",
    "is not running": "give --inside the database's container, and start it",
    "executable file not found": "give --inside the database's container",
}
"""What to do, by a part of a program's error output."""

_MAX_ERROR_CHARACTERS = 1000
"""Characters of an error output that are quoted; its end is the most informative."""


@dataclass(frozen=True)
class ChildProcess:
    """A running program and its error output."""

    name: str
    process: Process
    error_output: IO[bytes]

    async def wait(self) -> None:
        """Wait until it has ended. Raise OperatorError if it failed."""
        if await self.process.wait():
            self.error_output.seek(0)
            text = self.error_output.read().decode(errors="replace").strip()[-_MAX_ERROR_CHARACTERS:]
            remedies = dict.fromkeys(remedy for sign, remedy in _REMEDIES.items() if sign in text)
            raise OperatorError(f"{self.name} failed: {'; '.join([text or str(self.process.returncode), *remedies])}.")


@asynccontextmanager
async def child_process(
    command: Sequence[str],
    *,
    name: str,
    environment: Mapping[str, str],
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | int = DEVNULL,
) -> AsyncIterator[ChildProcess]:
    """Run a program for as long as the block lasts; ``environment`` is added to this process's own.

    The program has its own session, which Ctrl-C does not reach: this process gets the signal and ends it in order.
    """
    with TemporaryFile() as error_output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=stdin or DEVNULL,
            stdout=stdout,
            stderr=error_output,
            env=os.environ | environment,
            start_new_session=True,
        )
        try:
            yield ChildProcess(name, process, error_output)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
