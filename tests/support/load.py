"""Load from an outside system while something goes wrong, and the books that must be right afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.eventually import eventually
from tests.support.outside import Outside
from tests.support.scenes import OpenRoom, a_crowd_asks, a_known_person, a_published_room
from tests.support.wishes import new_id

ROOMS, SEATS, READERS = 8, 5, 20


@dataclass(frozen=True)
class Load:
    """People who ask to join rooms of five seats, all at once; ``before`` is how many answers came before theirs."""

    outside: Outside
    rooms: Sequence[OpenRoom]
    people: Sequence[str]
    before: int

    async def has_come_to(self, share: float) -> None:
        """Wait until this share (0 to 1) of the people have their answer."""
        wanted = self.before + share * len(self.people)
        await eventually(lambda: len(self.outside.answers) >= wanted, within=60, saying=f"{share:.0%} answered")


@asynccontextmanager
async def a_load(outside: Outside, *, people: int) -> AsyncIterator[Load]:
    """Let people ask while the block runs; at its end all have an answer. Some of them get letters."""
    rooms = [await a_published_room(outside, capacity=SEATS, policy="open") for _ in range(ROOMS)]
    readers = [await a_known_person(outside) for _ in range(READERS)]
    asking = random.sample([*readers, *(new_id() for _ in range(people - READERS))], k=people)
    load = Load(outside, rooms, asking, before=len(outside.answers))
    answers = asyncio.create_task(a_crowd_asks(outside, rooms, asking))
    yield load
    assert all("state" in answer for answer in await answers)
