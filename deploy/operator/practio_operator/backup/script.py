"""The script for psql, written statement by statement and dump by dump; no dump is held in memory."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WriteDump = Callable[[Path, IO[bytes]], Awaitable[None]]
"""Writes a dump as SQL into a file."""


@dataclass(frozen=True)
class Script:
    """The pipe from which psql reads; without a COMMIT the server rolls everything back."""

    pipe: IO[bytes]
    output: asyncio.StreamReader
    write_dump: WriteDump

    async def write(self, sql: str) -> None:
        """Write statements. Raise BrokenPipeError if psql has ended because of an earlier one."""
        await asyncio.to_thread(self._write, f"{sql}\n".encode())

    async def wait_until_executed(self) -> None:
        """Wait until everything written so far is executed; much of it may still be in the pipe.

        Raise BrokenPipeError if psql has ended because of one of the statements.
        """
        await self.write("\\echo done")
        if not await self.output.readline():
            raise BrokenPipeError

    async def pour(self, dump: Path) -> None:
        """Write the content of a dump. Raise OperatorError if pg_restore fails."""
        await self.write_dump(dump, self.pipe)

    def _write(self, text: bytes) -> None:
        while text:
            text = text[os.write(self.pipe.fileno(), text) :]
