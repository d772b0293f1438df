"""PostgreSQL's own programs, which dump and restore: this machine's, or those in the database's container."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from practio_operator.errors import OperatorError
from practio_operator.local.binaries import find_postgres
from practio_operator.provision_target import ProvisionTarget


@dataclass(frozen=True)
class Programs:
    """How ``pg_dump`` and ``pg_restore`` reach a database; where ``container`` is named, by `docker exec` in it."""

    target: ProvisionTarget
    container: str | None = None

    async def dump(self, schema: str, path: Path, *, snapshot: str) -> None:
        """Write a schema as ``snapshot`` shows it, in PostgreSQL's custom format. Raises OperatorError."""
        options = (f"--schema={schema}", "--format=custom", f"--snapshot={snapshot}")
        with path.open("wb") as file:
            await self._run("pg_dump", options, takes=None, gives=file)

    async def restore(self, path: Path) -> None:
        """Bring back a schema that is not there, wholly or not at all. Raises OperatorError."""
        with path.open("rb") as file:
            await self._run("pg_restore", ("--exit-on-error", "--single-transaction"), takes=file, gives=None)

    async def _run(
        self, program: str, options: Sequence[str], *, takes: BinaryIO | None, gives: BinaryIO | None
    ) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.command(program),
            *options,
            stdin=takes or asyncio.subprocess.DEVNULL,
            stdout=gives or asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | self.environment(),
        )
        complaint = (await process.communicate())[1].decode(errors="replace").strip()
        if process.returncode:
            raise OperatorError(f"{program} failed: {complaint[-1000:] or process.returncode}.")

    def command(self, program: str) -> list[str]:
        """Give the program with where it connects to, without any password.

        Raises OperatorError where this machine lacks it.
        """
        url = urlsplit(self.target.database_url)
        if self.container:
            login = ["--username", unquote(url.username or "postgres"), "--dbname", self.target.database]
            return [_found("docker"), "exec", "--interactive", "--env", "PGPASSWORD", self.container, program, *login]
        place = f"{url.username or 'postgres'}@{url.netloc.rpartition('@')[2]}"
        return [_found(program), "--dbname", url._replace(netloc=place, path=f"/{self.target.database}").geturl()]

    def environment(self) -> Mapping[str, str]:
        """Give what the program is told besides: the password, which no list of processes shows."""
        return {"PGPASSWORD": unquote(urlsplit(self.target.database_url).password or "")}


def _found(program: str) -> str:
    folder = find_postgres()
    path = shutil.which(program, path=folder and str(folder)) or shutil.which(program)
    if path is None:
        raise OperatorError(
            f"This machine has no {program}: install PostgreSQL's client programs, of the server's version or later, "
            "or name the database's container with --inside."
        )
    return path
