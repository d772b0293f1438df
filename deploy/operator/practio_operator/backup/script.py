"""The script for psql, statement by statement and dump by dump; no dump is ever held in memory."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

Pour = Callable[[Path, IO[bytes]], Awaitable[None]]
"""Writes a dump as SQL into a file."""


@dataclass(frozen=True)
class Script:
    """The pipe from which psql reads; the server rolls back everything without a COMMIT."""

    pipe: IO[bytes]
    answers: asyncio.StreamReader
    poured: Pour

    async def write(self, sql: str) -> None:
        """Write statements. Raise BrokenPipeError if psql has ended because of an earlier one."""
        await asyncio.to_thread(self._write, f"{sql}\n".encode())

    async def done(self) -> None:
        """Wait until everything written so far is executed; much of it may still be in the pipe.

        Raise BrokenPipeError if psql has ended because of one of the statements.
        """
        await self.write("\\echo done")
        if not await self.answers.readline():
            raise BrokenPipeError

    async def pour(self, dump: Path) -> None:
        """Write the content of a dump. Raise OperatorError."""
        await self.poured(dump, self.pipe)

    def _write(self, text: bytes) -> None:
        while text:
            text = text[os.write(self.pipe.fileno(), text) :]
