"""A child process: it ends with this one, and its error output is quoted if it fails."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from practio_operator.errors import OperatorError

_FITTING = "PostgreSQL's client programs of the server's version, or name the database's container with --inside"
_REMEDIES = {
    "server version mismatch": f"install {_FITTING}",
    "unsupported version": f"install {_FITTING}",
    "unrecognized configuration parameter": f"install {_FITTING}",
    "No such container": "--inside takes the name of the database's container, as `docker ps` shows it",
    "is not running": "--inside takes the database's container, while it runs",
    "executable file not found": "--inside takes the database's container",
}
"""What to do, by the error of a program."""

_MAX_ERROR_CHARACTERS = 1000
"""Characters of an error output that are quoted; its end is the most informative."""


@dataclass(frozen=True)
class Running:
    """A running program and its error output."""

    name: str
    process: Process
    complaints: IO[bytes]

    async def ends(self) -> None:
        """Wait until it has ended. Raise OperatorError if it failed."""
        if await self.process.wait():
            self.complaints.seek(0)
            said = self.complaints.read().decode(errors="replace").strip()[-_MAX_ERROR_CHARACTERS:]
            remedies = dict.fromkeys(remedy for sign, remedy in _REMEDIES.items() if sign in said)
            raise OperatorError(f"{self.name} failed: {'; '.join([said or str(self.process.returncode), *remedies])}.")


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    name: str,
    told: Mapping[str, str],
    takes: IO[bytes] | None = None,
    gives: IO[bytes] | int = DEVNULL,
) -> AsyncIterator[Running]:
    """Run a program for as long as the block lasts; ``told`` is added to its environment.

    It has a session of its own that no Ctrl-C reaches: the signal is for this process, which ends the program in order.
    """
    with TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=takes or DEVNULL,
            stdout=gives,
            stderr=complaints,
            env=os.environ | told,
            start_new_session=True,
        )
        try:
            yield Running(name, process, complaints)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
