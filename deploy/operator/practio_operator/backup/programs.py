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

from practio_chassis.database.urls import with_attributes
from practio_operator.backup.child_process import ChildProcess, child_process
from practio_operator.backup.script import Script
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack.binaries import find_postgres

_PATIENCE = {"PGCONNECT_TIMEOUT": "10"}
"""The seconds until a program asks the next host, where the database is on several."""


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs and how they reach a database; with a ``container``, by `docker exec` in it."""

    target: ProvisionTarget
    container: str | None = None

    async def dump(self, schema: str, path: Path, *, snapshot: str) -> None:
        """Write a schema as ``snapshot`` shows it, in PostgreSQL's custom format. Raise OperatorError."""
        options = (f"--schema={schema}", "--format=custom", f"--snapshot={snapshot}")
        with path.open("wb") as file:
            async with self._start("pg_dump", *self.connection_options(), *options, stdout=file) as program:
                await program.wait()
            os.fsync(file.fileno())

    @asynccontextmanager
    async def script(self) -> AsyncIterator[Script]:
        """Yield a script for psql; without a COMMIT the server rolls everything back, also if this process is killed.

        Raise OperatorError with the message of the server or program.
        """
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-")
        reader, writer = (os.fdopen(end, mode, buffering=0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
        with reader, writer:
            async with self._start("psql", *self.connection_options(), *options, stdin=reader, stdout=PIPE) as psql:
                reader.close()
                try:
                    assert psql.process.stdout is not None
                    yield Script(writer, psql.process.stdout, self._write_dump)
                except (OperatorError, BrokenPipeError):
                    writer.close()
                    await psql.wait()  # if psql has failed, its error is the cause
                    raise
                writer.close()
                await psql.wait()

    async def _write_dump(self, dump: Path, into: IO[bytes]) -> None:
        with dump.open("rb") as file:
            async with self._start("pg_restore", "--file=-", stdin=file, stdout=into) as program:
                await program.wait()

    def _start(
        self, program: str, *options: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | int = DEVNULL
    ) -> AbstractAsyncContextManager[ChildProcess]:
        name = f"{program} in {self.container}" if self.container else program
        command = [*self.command(program), *options]
        environment = {**_PATIENCE, **self.environment()}
        return child_process(command, name=name, environment=environment, stdin=stdin, stdout=stdout)

    def command(self, program: str) -> list[str]:
        """Return the command of a program. Raise OperatorError if this machine does not have it."""
        if self.container:
            return [_docker(), "exec", "--interactive", "--env", "PGPASSWORD", self.container, program]
        return [_find(program)]

    def connection_options(self) -> list[str]:
        """Return the options that name server and database; no password is among them."""
        url = urlsplit(with_attributes(self.target.database_url))
        if self.container:
            return ["--username", unquote(url.username or "postgres"), "--dbname", self.target.database]
        place = f"{url.username or 'postgres'}@{url.netloc.rpartition('@')[2]}"
        return ["--dbname", url._replace(netloc=place, path=f"/{self.target.database}").geturl()]

    def environment(self) -> Mapping[str, str]:
        """Return the environment of a program, with the password: no process list shows it."""
        return {"PGPASSWORD": unquote(urlsplit(self.target.database_url).password or "")}


def _docker() -> str:
    path = shutil.which("docker")
    if path is None:
        raise OperatorError("This machine has no docker, which --inside needs: install it, or leave out --inside.")
    return path


def _find(program: str) -> str:
    folder = find_postgres()
    path = shutil.which(program, path=folder and str(folder)) or shutil.which(program)
    if path is None:
        raise OperatorError(
            f"This machine has no {program}: install PostgreSQL's client programs, of the server's version, "
            "or name the database's container with --inside."
        )
    return path
