"""Single commands in other rooms, sent at a steady pace without waiting for answers, and how long each waits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from tests.bench.loads import REQUEST
from tests.bench.measuring_client import MeasuringClient, TimedAnswer
from tests.support.clients.commands import about, new_id

EVERY_SECONDS = 0.02


async def paced_requests(client: MeasuringClient, rooms: Sequence[str], count: int) -> list[float]:
    """Return the milliseconds that the answers to ``count`` requests of newcomers took, one room after the other."""
    async with asyncio.TaskGroup() as asking:
        tasks = []
        for _, room_id in zip(range(count), cycle(rooms), strict=False):
            tasks.append(asking.create_task(a_newcomer_asks(client, room_id)))
            await asyncio.sleep(EVERY_SECONDS)
    return [task.result().seconds * 1000 for task in tasks]


@asynccontextmanager
async def beside(client: MeasuringClient, rooms: Sequence[str]) -> AsyncIterator[list[TimedAnswer]]:
    """Let people ask in ``rooms`` while the block runs; the list holds all answers once it ended."""
    answers: list[TimedAnswer] = []
    tasks: list[asyncio.Task[TimedAnswer]] = []

    async def ask_on() -> None:
        for room_id in cycle(rooms):
            tasks.append(asyncio.create_task(a_newcomer_asks(client, room_id)))
            await asyncio.sleep(EVERY_SECONDS)

    asking = asyncio.create_task(ask_on())
    try:
        yield answers
    finally:
        asking.cancel()
    answers += await asyncio.gather(*tasks)


async def a_newcomer_asks(client: MeasuringClient, room_id: str) -> TimedAnswer:
    """Let a new person request to join."""
    person = new_id()
    return await client.send(REQUEST, about(room_id, person), actor=person)
