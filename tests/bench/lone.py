"""Lone wishes in other rooms, said at a steady pace whatever becomes of those before: who waits, and how long."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from tests.bench.loads import REQUEST
from tests.bench.speaker import Answer, Speaker
from tests.support.clients.commands import about, new_id

EVERY_SECONDS = 0.02


async def lone_wishes(speaker: Speaker, rooms: Sequence[str], count: int) -> list[float]:
    """Give the milliseconds that the answers to ``count`` requests of newcomers took, one room after the other."""
    async with asyncio.TaskGroup() as asking:
        tasks = []
        for _, room_id in zip(range(count), cycle(rooms), strict=False):
            tasks.append(asking.create_task(a_newcomer_asks(speaker, room_id)))
            await asyncio.sleep(EVERY_SECONDS)
    return [task.result().seconds * 1000 for task in tasks]


@asynccontextmanager
async def beside(speaker: Speaker, rooms: Sequence[str]) -> AsyncIterator[list[Answer]]:
    """Let people ask in ``rooms`` while the block runs; the list holds all answers once it ended."""
    answers: list[Answer] = []
    tasks: list[asyncio.Task[Answer]] = []

    async def ask_on() -> None:
        for room_id in cycle(rooms):
            tasks.append(asyncio.create_task(a_newcomer_asks(speaker, room_id)))
            await asyncio.sleep(EVERY_SECONDS)

    asking = asyncio.create_task(ask_on())
    try:
        yield answers
    finally:
        asking.cancel()
    answers += await asyncio.gather(*tasks)


async def a_newcomer_asks(speaker: Speaker, room_id: str) -> Answer:
    """Let somebody ask to join whom nobody met before."""
    person = new_id()
    return await speaker.send(REQUEST, about(room_id, person), actor=person)
