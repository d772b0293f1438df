"""Capacity is never exceeded and nobody jumps the waitlist (promise 4)."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, roster
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.oracles.ledger import Ledger

SEATS, PEOPLE = 10, 200
COMMANDS_BY_CHANCE = {
    "request-to-join": 6,
    "approve-request": 4,
    "accept-offer": 3,
    "withdraw": 3,
    "decline-offer": 1,
    "decline-request": 1,
}
"""The commands to draw from, by their frequency."""
OF_THE_HOST = ("approve-request", "decline-request")


async def test_of_200_simultaneous_requests_for_10_seats_10_join_and_190_wait_in_order(
    outside: OutsideSystem, ledger: Ledger, chance: random.Random
) -> None:
    room = await a_published_room(outside, capacity=SEATS, policy="open")
    events = [requests(outside, room, new_id()) for _ in range(PEOPLE)]
    twice = chance.sample(events + events, k=2 * PEOPLE)

    answers = await asyncio.gather(*(outside.answer_to(event, exchange=COMMANDS) for event in twice))

    statuses = [answer["state"]["status"] for answer in answers]
    assert (statuses.count("joined"), statuses.count("waitlisted")) == (2 * SEATS, 2 * (PEOPLE - SEATS))
    await ledger.is_clean()
    shown = await roster(outside, room)
    assert (shown["seats_taken"], shown["capacity"]) == (SEATS, SEATS)
    assert waiting_in_order(shown) == positions_published(outside, room)


def requests(outside: OutsideSystem, room: OpenRoom, person: str) -> Data:
    return outside.envelope(REQUEST, about(room.room_id, person), actor=person)


def waiting_in_order(shown: Data) -> list[tuple[int, str]]:
    waiting = [entry for entry in shown["entries"] if entry["membership"]["status"] == "waitlisted"]
    return [(entry["ahead"], entry["membership"]["person_id"]) for entry in waiting]


def positions_published(outside: OutsideSystem, room: OpenRoom) -> list[tuple[int, str]]:
    """Return position and person of everybody on the waitlist; each position from 0 must occur once."""
    events = {event["id"]: event["data"] for event in outside.events["membership.waitlisted.v1"]}.values()
    waiting = sorted(
        (f["ahead"], f["membership"]["person_id"]) for f in events if f["membership"]["room_id"] == room.room_id
    )
    assert [place for place, _ in waiting] == list(range(PEOPLE - SEATS))
    return waiting


async def test_random_simultaneous_commands_never_oversell_a_seat_or_leave_one_empty(
    outside: OutsideSystem, ledger: Ledger, chance: random.Random
) -> None:
    rooms = [await a_published_room(outside, capacity=3, policy=chance.choice(["open", "approval"])) for _ in range(8)]
    people = [new_id() for _ in range(12)]

    await asyncio.gather(*(a_busy_day(outside, room, people, chance) for room in rooms))

    await ledger.is_clean()
    changes = [event["data"] for event in outside.events["membership.occupancy-changed.v1"]]
    for shown in [each for each in changes if each["room_id"] in {room.room_id for room in rooms}]:
        assert shown["seats_taken"] + shown["seats_held"] <= shown["capacity"], shown
    for room in rooms:
        shown = await roster(outside, room)
        used = shown["seats_taken"] + shown["seats_held"]
        assert used == shown["capacity"] or not shown["counts"].get("waitlisted"), shown


async def a_busy_day(outside: OutsideSystem, room: OpenRoom, people: list[str], chance: random.Random) -> None:
    """Let people and the host send random commands, several at once; those that make no sense are refused."""
    capacity = 3
    for _ in range(15):
        commands = [a_command(outside, room, chance.choice(people), chance) for _ in range(chance.randint(1, 6))]
        if chance.random() < 0.1:
            capacity += 1
            data = {"room_id": room.room_id, "capacity": capacity}
            commands.append(outside.send("rooms.revise-room.v1", data, actor=room.host))
        await asyncio.gather(*commands)


def a_command(outside: OutsideSystem, room: OpenRoom, person: str, chance: random.Random) -> Coroutine[Any, Any, Data]:
    name = chance.choices(list(COMMANDS_BY_CHANCE), weights=list(COMMANDS_BY_CHANCE.values()))[0]
    actor = room.host if name in OF_THE_HOST else person
    return outside.send(f"membership.{name}.v1", about(room.room_id, person), actor=actor)
