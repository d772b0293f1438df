"""Capacity is never exceeded and the queue is never jumped (promise 4)."""

import asyncio
import random

from tests.support.ledger import Ledger
from tests.support.outside import COMMANDS, Outside
from tests.support.scenes import REQUEST, OpenRoom, a_published_room, roster
from tests.support.wishes import Data, about, new_id

SEATS, PEOPLE = 10, 200


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
    facts = {fact["id"]: fact["data"] for fact in outside.facts["membership.waitlisted.v1"]}.values()
    line = sorted(
        (f["ahead"], f["membership"]["person_id"]) for f in facts if f["membership"]["room_id"] == room.room_id
    )
    assert [place for place, _ in line] == list(range(PEOPLE - SEATS))
    return line
