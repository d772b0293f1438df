"""Capacity is never exceeded and the queue is never jumped (promise 4)."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, Outside
from tests.support.clients.scenes import REQUEST, OpenRoom, a_published_room, roster
from tests.support.oracles.ledger import Ledger

SEATS, PEOPLE = 10, 200
WISHES = {
    "request-to-join": 6,
    "approve-request": 4,
    "accept-offer": 3,
    "withdraw": 3,
    "decline-offer": 1,
    "decline-request": 1,
}
"""What may be wished, and how often against each other."""
OF_THE_HOST = ("approve-request", "decline-request")


async def test_of_200_people_asking_for_10_seats_at_once_10_join_and_190_wait_in_order(
    outside: Outside, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=SEATS, policy="open")
    events = [requests(outside, room, new_id()) for _ in range(PEOPLE)]
    twice = random.sample(events + events, k=2 * PEOPLE)

    answers = await asyncio.gather(*(outside.answer_to(event, exchange=COMMANDS) for event in twice))

    statuses = [answer["state"]["status"] for answer in answers]
    assert (statuses.count("joined"), statuses.count("waitlisted")) == (2 * SEATS, 2 * (PEOPLE - SEATS))
    await ledger.is_clean()
    told = await roster(outside, room)
    assert (told["seats_taken"], told["capacity"]) == (SEATS, SEATS)
    assert in_line(told) == as_told(outside, room)


def requests(outside: Outside, room: OpenRoom, person: str) -> Data:
    return outside.envelope(REQUEST, about(room.room_id, person), actor=person)


def in_line(told: Data) -> list[tuple[int, str]]:
    waiting = [entry for entry in told["entries"] if entry["membership"]["status"] == "waitlisted"]
    return [(entry["ahead"], entry["membership"]["person_id"]) for entry in waiting]


def as_told(outside: Outside, room: OpenRoom) -> list[tuple[int, str]]:
    """Give place and person of everybody who was told to wait; each place from 0 must stand there once."""
    events = {event["id"]: event["data"] for event in outside.events["membership.waitlisted.v1"]}.values()
    line = sorted(
        (f["ahead"], f["membership"]["person_id"]) for f in events if f["membership"]["room_id"] == room.room_id
    )
    assert [place for place, _ in line] == list(range(PEOPLE - SEATS))
    return line


async def test_whatever_people_and_hosts_do_at_once_no_seat_is_given_twice_and_none_stays_empty(
    outside: Outside, ledger: Ledger, chance: random.Random
) -> None:
    rooms = [await a_published_room(outside, capacity=3, policy=chance.choice(["open", "approval"])) for _ in range(8)]
    people = [new_id() for _ in range(12)]

    await asyncio.gather(*(a_busy_day(outside, room, people, chance) for room in rooms))

    await ledger.is_clean()
    for event in outside.events["membership.occupancy-changed.v1"]:
        told = event["data"]
        assert told["seats_taken"] + told["seats_held"] <= told["capacity"], told
    for room in rooms:
        told = await roster(outside, room)
        used = told["seats_taken"] + told["seats_held"]
        assert used == told["capacity"] or not told["counts"].get("waitlisted"), told


async def a_busy_day(outside: Outside, room: OpenRoom, people: list[str], chance: random.Random) -> None:
    """Let people and the host wish at random, several at once; what makes no sense is refused."""
    capacity = 3
    for _ in range(15):
        wishes = [a_command(outside, room, chance.choice(people), chance) for _ in range(chance.randint(1, 6))]
        if chance.random() < 0.1:
            capacity += 1
            data = {"room_id": room.room_id, "capacity": capacity}
            wishes.append(outside.send("rooms.revise-room.v1", data, actor=room.host))
        await asyncio.gather(*wishes)


def a_command(outside: Outside, room: OpenRoom, person: str, chance: random.Random) -> Coroutine[Any, Any, Data]:
    name = chance.choices(list(WISHES), weights=list(WISHES.values()))[0]
    actor = room.host if name in OF_THE_HOST else person
    return outside.send(f"membership.{name}.v1", about(room.room_id, person), actor=actor)
