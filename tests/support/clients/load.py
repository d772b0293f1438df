"""Load from an outside system while something goes wrong, and the books that must be right afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import COMMANDS, Outside
from tests.support.clients.scenes import (
    AT_ONCE,
    REQUEST,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    roster,
)
from tests.support.eventually import eventually

ROOMS, SEATS, READERS = 8, 5, 20
STEADILY = 10
"""How many ask at a time where they go on asking."""


@dataclass(frozen=True)
class Load:
    """People who ask to join rooms of five seats, all at once."""

    outside: Outside
    rooms: Sequence[OpenRoom]
    people: Sequence[str]

    async def has_come_to(self, share: float) -> None:
        """Wait until the outcomes of this share (0 to 1) of the commands have been heard."""
        await self.has_told(share * len(self.people))

    async def has_told(self, count: float) -> None:
        """Wait until the outcomes of so many commands have been heard."""
        joined, waiting = (self.outside.events[f"membership.{name}.v1"] for name in ("joined", "waitlisted"))
        await eventually(lambda: len(joined) + len(waiting) >= count, within=60, saying=f"{count:.0f} were told")

    async def all_have_their_place(self) -> None:
        """See that each room has as many people in it as it has seats, and all others who asked in line."""
        for number, room in enumerate(self.rooms):
            told, asked = await roster(self.outside, room), len(self.people[number :: len(self.rooms)])
            assert (told["seats_taken"], told["counts"]["waitlisted"]) == (SEATS, asked - SEATS)


@asynccontextmanager
async def a_load(outside: Outside, *, people: int) -> AsyncIterator[Load]:
    """Let people ask while the block runs; at its end all commands are confirmed. Some of the people get letters."""
    rooms = await _open_rooms(outside)
    readers = [await a_known_person(outside) for _ in range(READERS)]
    asking = random.sample([*readers, *(new_id() for _ in range(people - READERS))], k=people)
    crowd = asyncio.create_task(_all_ask(outside, rooms, asking))
    try:
        yield Load(outside, rooms, asking)
        await crowd
    finally:
        crowd.cancel()


@asynccontextmanager
async def a_lasting_load(outside: Outside) -> AsyncIterator[Load]:
    """Let people ask for as long as the block runs; at its end all commands are confirmed. Every tenth gets letters."""
    rooms, over = await _open_rooms(outside), asyncio.Event()
    people: list[str] = []
    readers = iter([await a_known_person(outside) for _ in range(READERS * 5)])
    crowd = asyncio.gather(*(_go_on_asking(outside, rooms, people, readers, over) for _ in range(STEADILY)))
    try:
        yield Load(outside, rooms, people)
        over.set()
        await crowd
    finally:
        crowd.cancel()


async def _open_rooms(outside: Outside) -> list[OpenRoom]:
    return [await a_published_room(outside, capacity=SEATS, policy="open") for _ in range(ROOMS)]


async def _all_ask(outside: Outside, rooms: Sequence[OpenRoom], people: Sequence[str]) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def in_turn(number: int, person: str) -> None:
        async with limit:
            await _ask(outside, rooms, number, person)

    await asyncio.gather(*(in_turn(number, person) for number, person in enumerate(people)))


async def _go_on_asking(
    outside: Outside, rooms: Sequence[OpenRoom], people: list[str], readers: Iterator[str], over: asyncio.Event
) -> None:
    while not over.is_set():
        number = len(people)
        people.append(new_id() if number % 10 else next(readers, new_id()))
        await _ask(outside, rooms, number, people[number])


async def _ask(outside: Outside, rooms: Sequence[OpenRoom], number: int, person: str) -> None:
    """Every other person waits for the answer, and would ask again; the others publish once and forget."""
    room = rooms[number % len(rooms)]
    if number // len(rooms) % 2:
        await accepted(asks(outside, room, person))
    else:
        await outside.publish(COMMANDS, outside.envelope(REQUEST, about(room.room_id, person), actor=person))
