"""What psql is told, statement by statement and dump by dump, of which none is ever in our memory."""

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
    """The end of a pipe that psql reads from; the server undoes what psql has heard no COMMIT of."""

    pipe: IO[bytes]
    answers: asyncio.StreamReader
    poured: Pour

    async def say(self, sql: str) -> None:
        """Tell statements. Raises BrokenPipeError where psql has ended, over an earlier one."""
        await asyncio.to_thread(self._write, f"{sql}\n".encode())

    async def done(self) -> None:
        """Wait until all that was told is done; between us and psql much may be on its way.

        Raises BrokenPipeError where psql has ended, over one of the statements.
        """
        await self.say("\\echo done")
        if not await self.answers.readline():
            raise BrokenPipeError

    async def pour(self, dump: Path) -> None:
        """Tell what a dump holds. Raises OperatorError."""
        await self.poured(dump, self.pipe)

    def _write(self, text: bytes) -> None:
        while text:
            text = text[os.write(self.pipe.fileno(), text) :]
