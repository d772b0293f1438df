"""The order of an import: which lines are left, room by room, and many at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from practio_contracts.client import ClientError
from practio_operator.imports.csv_file import Content, CsvFile, CsvLine
from practio_operator.imports.progress import ImportProgress


class AboutRoom(Content, Protocol):
    """What a line of a file of members stands for."""

    @property
    def room_id(self) -> UUID:
        """Return the id of the room."""


M = TypeVar("M", bound=Content)
R = TypeVar("R", bound=AboutRoom)

AT_ONCE = 50


def lines_left(csv_file: CsvFile[M], progress: ImportProgress) -> list[CsvLine[M]]:
    """Return the lines that are not done yet, in the order of the file."""
    return [line for line in csv_file.lines if line.key not in progress.done]


def lines_by_room(csv_file: CsvFile[R], progress: ImportProgress) -> Mapping[UUID, Sequence[CsvLine[R]]]:
    """Return the lines that are not done yet by room, in the order of the file."""
    rooms: dict[UUID, list[CsvLine[R]]] = {}
    for line in lines_left(csv_file, progress):
        rooms.setdefault(line.message.room_id, []).append(line)
    return rooms


async def run_concurrently(jobs: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Run all jobs, a limited number at a time; raise the first ClientError once the started jobs have ended."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(AT_ONCE):
                workers.create_task(work())
    except BaseExceptionGroup as errors:
        raise next((each for each in errors.exceptions if isinstance(each, ClientError)), errors) from None
