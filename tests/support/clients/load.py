"""Load from an outside system during a fault, and the state that must be right afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.clients.actions import (
    AT_ONCE,
    REQUEST,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    roster,
)
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.seeds import a_chance

ROOMS, SEATS, READERS = 8, 5, 20
STEADILY = 10
"""How many people request at a time in a lasting load."""

PAUSE_SECONDS = 0.2
"""How long each of them pauses, so that a load is 50 requests in a second, however long a fault lasts."""


@dataclass(frozen=True)
class Load:
    """People who request to join rooms of five seats, all at once."""

    outside: OutsideSystem
    rooms: Sequence[OpenRoom]
    people: Sequence[str]

    async def has_handled_share(self, share: float) -> None:
        """Wait until the outcomes of this share (0 to 1) of the commands were received."""
        await self.has_outcomes(share * len(self.people))

    async def has_outcomes(self, count: float) -> None:
        """Wait until the outcomes of so many commands were received."""
        joined, waiting = (self.outside.events[f"membership.{name}.v1"] for name in ("joined", "waitlisted"))
        await eventually(lambda: len(joined) + len(waiting) >= count, within=60, message=f"{count:.0f} outcomes")

    async def all_have_their_place(self) -> None:
        """Check that each room is full, and that everybody else who requested is on its waitlist."""
        for number, room in enumerate(self.rooms):
            seats, requests_of_room = await roster(self.outside, room), len(self.people[number :: len(self.rooms)])
            assert (seats["seats_taken"], seats["counts"]["waitlisted"]) == (SEATS, requests_of_room - SEATS)


@asynccontextmanager
async def a_load(outside: OutsideSystem, *, people: int) -> AsyncIterator[Load]:
    """Let people ask while the block runs; at its end all commands are confirmed. Some of the people get letters."""
    rooms = await _open_rooms(outside)
    readers = [await a_known_person(outside) for _ in range(READERS)]
    requesting = a_chance().sample([*readers, *(new_id() for _ in range(people - READERS))], k=people)
    requests = asyncio.create_task(_all_request(outside, rooms, requesting))
    try:
        yield Load(outside, rooms, requesting)
        await requests
    finally:
        requests.cancel()


@asynccontextmanager
async def a_lasting_load(outside: OutsideSystem) -> AsyncIterator[Load]:
    """Let people ask, steadily, as long as the block runs; at its end all commands are confirmed.

    Every tenth gets letters.
    """
    rooms, over = await _open_rooms(outside), asyncio.Event()
    people: list[str] = []
    readers = iter([await a_known_person(outside) for _ in range(READERS * 5)])
    requests = asyncio.gather(*(_keep_requesting(outside, rooms, people, readers, over) for _ in range(STEADILY)))
    try:
        yield Load(outside, rooms, people)
        over.set()
        await requests
    finally:
        requests.cancel()


async def _open_rooms(outside: OutsideSystem) -> list[OpenRoom]:
    return [await a_published_room(outside, capacity=SEATS, policy="open") for _ in range(ROOMS)]


async def _all_request(outside: OutsideSystem, rooms: Sequence[OpenRoom], people: Sequence[str]) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def in_turn(number: int, person: str) -> None:
        async with limit:
            await _request(outside, rooms, number, person)

    await asyncio.gather(*(in_turn(number, person) for number, person in enumerate(people)))


async def _keep_requesting(
    outside: OutsideSystem, rooms: Sequence[OpenRoom], people: list[str], readers: Iterator[str], over: asyncio.Event
) -> None:
    while not over.is_set():
        number = len(people)
        people.append(new_id() if number % 10 else next(readers, new_id()))
        await _request(outside, rooms, number, people[number])
        await asyncio.sleep(PAUSE_SECONDS)


async def _request(outside: OutsideSystem, rooms: Sequence[OpenRoom], number: int, person: str) -> None:
    """Every other person waits for the answer, and would ask again; the others publish once and forget."""
    room = rooms[number % len(rooms)]
    if number // len(rooms) % 2:
        await accepted(asks(outside, room, person))
    else:
        await outside.publish(COMMANDS, outside.envelope(REQUEST, about(room.room_id, person), actor=person))
