"""Load from an outside system while something goes wrong, and the books that must be right afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.eventually import eventually
from tests.support.outside import COMMANDS, Outside
from tests.support.scenes import AT_ONCE, REQUEST, OpenRoom, a_known_person, a_published_room, accepted, asks
from tests.support.wishes import about, new_id

ROOMS, SEATS, READERS = 8, 5, 20


@dataclass(frozen=True)
class Load:
    """People who ask to join rooms of five seats, all at once."""

    outside: Outside
    rooms: Sequence[OpenRoom]
    people: Sequence[str]

    async def has_come_to(self, share: float) -> None:
        """Wait until the outcomes of this share (0 to 1) of the wishes have been heard."""
        joined, waiting = (self.outside.facts[f"membership.{name}.v1"] for name in ("joined", "waitlisted"))
        wanted = share * len(self.people)
        await eventually(lambda: len(joined) + len(waiting) >= wanted, within=60, saying=f"{share:.0%} were told")


@asynccontextmanager
async def a_load(outside: Outside, *, people: int) -> AsyncIterator[Load]:
    """Let people ask while the block runs; at its end all wishes are confirmed. Some of the people get letters."""
    rooms = [await a_published_room(outside, capacity=SEATS, policy="open") for _ in range(ROOMS)]
    readers = [await a_known_person(outside) for _ in range(READERS)]
    asking = random.sample([*readers, *(new_id() for _ in range(people - READERS))], k=people)
    crowd = asyncio.create_task(_all_ask(outside, rooms, asking))
    try:
        yield Load(outside, rooms, asking)
        await crowd
    finally:
        crowd.cancel()


async def _all_ask(outside: Outside, rooms: Sequence[OpenRoom], people: Sequence[str]) -> None:
    """Every other person waits for the answer, and would ask again; the others publish once and forget."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def ask(number: int, person: str) -> None:
        room = rooms[number % len(rooms)]
        async with limit:
            if number // len(rooms) % 2:
                await accepted(asks(outside, room, person))
            else:
                await outside.publish(COMMANDS, outside.envelope(REQUEST, about(room.room_id, person), actor=person))

    await asyncio.gather(*(ask(number, person) for number, person in enumerate(people)))
