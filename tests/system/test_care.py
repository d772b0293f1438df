"""Quiet rooms on the whole stack: found by the clock, published once, and named by the digest of their steward."""

import random

import httpx
import pytest
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.backdoor import a_backdoor
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

pytestmark = pytest.mark.thorough

LOOKED = 120
"""Seconds within which rooms and notifications have looked, each every half minute."""

AGE = """
    UPDATE rooms.room_care SET opened_at = opened_at - interval '8 days', look_at = clock_timestamp()
    WHERE room_id = ANY($1::uuid[])"""
LEAVES_NOW = """
    UPDATE notifications.letter
    SET due_at = clock_timestamp(), told = jsonb_set(told, '{at}', to_jsonb(clock_timestamp()))
    WHERE kind = 'care-digest' AND person_id = $1::uuid"""
DUE = """
    SELECT count(*) FROM rooms.room_care
    WHERE room_id = ANY($1::uuid[]) AND look_at < clock_timestamp() + interval '30 minutes'"""
HELD = (
    "SELECT count(*) FROM notifications.letter WHERE kind = 'quiet-room' AND status = 'held' AND person_id = $1::uuid"
)


def rooms_in(outside: OutsideSystem, name: str, rooms: list[OpenRoom]) -> list[str]:
    """Return the rooms of the events of this name, in order, as often as they came."""
    ours = {each.room_id for each in rooms}
    events = [each for each in outside.all_events() if each["type"] == f"practio.rooms.{name}.v1"]
    return [each["data"]["room_id"] for each in events if each["data"]["room_id"] in ours]


async def test_of_30_rooms_the_4_quiet_ones_are_found_once_and_named_in_the_digest(
    outside: OutsideSystem, stack: RunningStack, chance: random.Random
) -> None:
    steward, host = await a_known_person(outside, "Bea Steward"), await a_known_person(outside, "Hanna Vogel")
    mark = new_id()[-6:]
    rooms = [
        await a_published_room(outside, host=host, steward_ids=[steward], title=f"Circle {mark} {number:02}.")
        for number in range(30)
    ]
    numbers = sorted(chance.sample(range(30), 4))
    quiet = [rooms[number] for number in numbers]
    async with a_backdoor(stack) as backdoor:
        await backdoor.connection.execute(AGE, [each.room_id for each in quiet])
        await eventually(
            lambda: len(rooms_in(outside, "room-quiet", rooms)) >= 4, within=LOOKED, message="four rooms that are quiet"
        )

        async def are_held() -> bool:
            return bool(await backdoor.connection.fetchval(HELD, steward) == 4)

        await eventually(are_held, within=LOOKED, message="four rooms in the digest")
        await backdoor.connection.execute(LEAVES_NOW, steward)
        digest = await letter_to(outside, stack, steward, "care-digest")
        assert {f"Circle {mark} {number:02}." in digest.text for number in numbers} == {True}
        assert digest.text.count(f"Circle {mark}") == 4
        [page] = {line.strip() for line in digest.text.splitlines() if "/care/" in line}
        async with httpx.AsyncClient() as browser:
            shown = (await browser.get(f"{page}?show=quiet")).text
        assert shown.count(f"Circle {mark}") >= 4
        assert all(f"Circle {mark} {number:02}." in shown for number in numbers)

        plan = {"room_id": quiet[0].room_id, "session_id": new_id(), "duration_minutes": 60}
        starts_at = "2090-03-01T18:00"
        await accepted(outside.send("rooms.schedule-session.v1", {**plan, "starts_at": starts_at}, actor=host))
        await eventually(
            lambda: rooms_in(outside, "room-awake", rooms) == [quiet[0].room_id], within=LOOKED, message="a room awake"
        )
        await backdoor.connection.execute(AGE.replace("8 days", "0 days"), [each.room_id for each in rooms])

        async def all_looked_at() -> bool:
            return not await backdoor.connection.fetchval(DUE, [each.room_id for each in rooms])

        await eventually(all_looked_at, within=LOOKED, message="one more look at each room")
    assert sorted(rooms_in(outside, "room-quiet", rooms)) == sorted(each.room_id for each in quiet)
    assert rooms_in(outside, "room-awake", rooms) == [quiet[0].room_id]
    letters = [each.subject for each in stack.mailbox.to(outside.people[host]["email"]) if each.kind == "room-quiet"]
    assert sorted(letters) == [f"“Circle {mark} {number:02}.” has become quiet" for number in numbers]
