"""Splitting a room with 40 people on the waitlist: no history lost, nobody in two places, order kept (promise 4)."""

import asyncio
import random

from tests.support.clients.actions import OpenRoom, a_published_room, accepted, asks, is_known, roster
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

SEATS, WAITING = 4, 40


async def test_a_room_with_40_people_waiting_is_split(outside: OutsideSystem, chance: random.Random) -> None:
    first = await a_published_room(outside, capacity=SEATS, policy="open", title="The first room")
    for person in [new_id() for _ in range(SEATS + WAITING)]:
        await asks(outside, first, person)
    waiting = await on_the_waitlist(outside, first)
    assert len(waiting) == WAITING
    second = await a_second_room(outside, first, capacity=WAITING // 2)

    about = {"room_id": second.room_id, "from_room_id": first.room_id, "person_ids": waiting}
    invited = await accepted(outside.send("membership.invite-from.v1", about, actor=first.host))
    assert [each["status"] for each in invited["outcomes"]] == ["invited"] * WAITING
    assert await on_the_waitlist(outside, first) == waiting, "nobody loses a place by an invitation"

    willing = chance.sample(waiting, k=WAITING // 2 + 5)
    twice = [(person, new_id()) for person in willing] * 2
    answers = await asyncio.gather(*(accepts(outside, second, person, key) for person, key in twice))
    states = [answer["state"] for answer in answers]
    seated = {state["person_id"] for state in states if state["status"] == "joined"}
    assert len(seated) == WAITING // 2

    rest = [person for person in waiting if person not in seated]
    await eventually(lambda: stands(outside, first, rest), within=60, message="the places of who is seated have ended")
    there = await roster(outside, second)
    assert (there["seats_taken"], there["capacity"]) == (WAITING // 2, WAITING // 2)
    for person in waiting:
        await has_whole_history(outside, first, person, ended=person in seated)
    shown = (await outside.query("rooms.get-room.v1", {"room_id": first.room_id}, actor=first.host))["result"]
    assert [each["room_id"] for each in shown["copies"]] == [second.room_id]


async def a_second_room(outside: OutsideSystem, first: OpenRoom, *, capacity: int) -> OpenRoom:
    """Copy a room, publish the copy, and wait until membership knows it."""
    second = OpenRoom(new_id(), first.host)
    copy = {"room_id": first.room_id, "new_room_id": second.room_id, "title": "The second room"}
    drafted = await accepted(outside.send("rooms.copy-room.v1", copy, actor=first.host))
    assert drafted["origin_id"] == first.room_id
    change = {"room_id": second.room_id, "capacity": capacity}
    await accepted(outside.send("rooms.revise-room.v1", change, actor=first.host))
    await accepted(outside.send("rooms.publish-room.v1", {"room_id": second.room_id}, actor=first.host))
    await eventually(lambda: is_known(outside, second), within=30, message="membership knows the copy")
    return second


async def accepts(outside: OutsideSystem, room: OpenRoom, person: str, key: str) -> Data:
    """Accept an invitation, by a message of this id; return the answer's data."""
    about = {"room_id": room.room_id, "person_id": person}
    return await outside.send("membership.accept-invitation.v1", about, actor=person, id=key)


async def on_the_waitlist(outside: OutsideSystem, room: OpenRoom) -> list[str]:
    """Return who waits, in order."""
    entries = (await roster(outside, room))["entries"]
    return [each["membership"]["person_id"] for each in entries if each["membership"]["status"] == "waitlisted"]


async def stands(outside: OutsideSystem, room: OpenRoom, waiting: list[str]) -> bool:
    """Return whether these people wait, in this order, and nobody else."""
    return await on_the_waitlist(outside, room) == waiting


async def has_whole_history(outside: OutsideSystem, room: OpenRoom, person: str, *, ended: bool) -> None:
    """Check that a person's history in the first room is complete: waiting, and once the end of it."""
    asked: Data = {"room_id": room.room_id, "person_id": person}
    found = (await outside.query("membership.get-history.v1", asked, actor=person))["result"]["changes"]
    assert [each["to"] for each in found] == ["waitlisted"] + ["withdrawn"] * ended
