"""PostgreSQL's own programs, which dump and restore: this machine's, or those in the database's container."""

import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from practio_operator.backup.running import Running, running
from practio_operator.backup.script import Script
from practio_operator.errors import OperatorError
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.binaries import find_postgres


@dataclass(frozen=True)
class Programs:
    """How PostgreSQL's programs reach a database; where ``container`` is named, by `docker exec` in it."""

    target: ProvisionTarget
    container: str | None = None

    async def dump(self, schema: str, path: Path, *, snapshot: str) -> None:
        """Write a schema as ``snapshot`` shows it, in PostgreSQL's custom format. Raises OperatorError."""
        options = (f"--schema={schema}", "--format=custom", f"--snapshot={snapshot}")
        with path.open("wb") as file:
            async with self._running("pg_dump", *self.place(), *options, gives=file) as program:
                await program.ends()
            os.fsync(file.fileno())

    @asynccontextmanager
    async def script(self) -> AsyncIterator[Script]:
        """Give what psql is told; the server undoes what has no COMMIT, also when whoever speaks is killed.

        Raises OperatorError with what the server or a program complains of.
        """
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-")
        received, said = (os.fdopen(end, mode, buffering=0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
        with received, said:
            async with self._running("psql", *self.place(), *options, takes=received, gives=PIPE) as psql:
                received.close()
                try:
                    assert psql.process.stdout is not None
                    yield Script(said, psql.process.stdout, self._pour)
                except (OperatorError, BrokenPipeError):
                    said.close()
                    await psql.ends()  # where psql has failed, that is why nobody could speak on
                    raise
                said.close()
                await psql.ends()

    async def _pour(self, dump: Path, into: IO[bytes]) -> None:
        with dump.open("rb") as file:
            async with self._running("pg_restore", "--file=-", takes=file, gives=into) as program:
                await program.ends()

    def _running(
        self, program: str, *options: str, takes: IO[bytes] | None = None, gives: IO[bytes] | int = DEVNULL
    ) -> AbstractAsyncContextManager[Running]:
        name = f"{program} in {self.container}" if self.container else program
        command = [*self.command(program), *options]
        return running(command, name=name, told=self.environment(), takes=takes, gives=gives)

    def command(self, program: str) -> list[str]:
        """Give what runs a program. Raises OperatorError where this machine lacks it."""
        if self.container:
            return [_docker(), "exec", "--interactive", "--env", "PGPASSWORD", self.container, program]
        return [_found(program)]

    def place(self) -> list[str]:
        """Give the options that say where a program connects to, without any password."""
        url = urlsplit(self.target.database_url)
        if self.container:
            return ["--username", unquote(url.username or "postgres"), "--dbname", self.target.database]
        place = f"{url.username or 'postgres'}@{url.netloc.rpartition('@')[2]}"
        return ["--dbname", url._replace(netloc=place, path=f"/{self.target.database}").geturl()]

    def environment(self) -> Mapping[str, str]:
        """Give what a program is told besides: the password, which no list of processes shows."""
        return {"PGPASSWORD": unquote(urlsplit(self.target.database_url).password or "")}


def _docker() -> str:
    path = shutil.which("docker")
    if path is None:
        raise OperatorError("This machine has no docker, by which --inside reaches the database's container.")
    return path


def _found(program: str) -> str:
    folder = find_postgres()
    path = shutil.which(program, path=folder and str(folder)) or shutil.which(program)
    if path is None:
        raise OperatorError(
            f"This machine has no {program}: install PostgreSQL's client programs, of the server's version, "
            "or name the database's container with --inside."
        )
    return path
