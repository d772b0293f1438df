"""What is known of one person is exported whole, and erased everywhere."""

import json
from typing import Any

from tests.support.clients.commands import about
from tests.support.clients.operator import practio
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import WITHDRAW, a_known_person, a_published_room, accepted, asks
from tests.support.eventually import eventually
from tests.support.stack.running import Stack


async def exported(stack: Stack, person: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await practio(stack, "export-person", person))
    return told


async def test_a_person_is_exported_whole_and_nothing_of_their_words_is_left_once_erased(
    outside: Outside, stack: Stack
) -> None:
    person = await a_known_person(outside)
    rooms = [await a_published_room(outside, policy="open") for _ in range(2)]
    for room in rooms:
        await accepted(asks(outside, room, person))
    leaving = about(rooms[0].room_id, person, reason="Moving away")
    await accepted(outside.send(WITHDRAW, leaving, actor=person))
    await outside.hears("notifications.letter-sent.v1", person_id=person, kind="withdrawn")

    told = await exported(stack, person)
    assert {each["room_id"] for each in told["memberships"]} == {room.room_id for room in rooms}
    assert [each["to"] for each in told["history"][rooms[0].room_id]] == ["joined", "withdrawn"]
    assert "Moving away" in json.dumps(told["history"])
    assert {"joined", "withdrawn"} <= {each["kind"] for each in told["letters"]}
    assert told["preferences"]["reminders"] is True

    await practio(stack, "erase-person", person, "--yes")
    await outside.hears("membership.withdrawn.v1", room_id=rooms[1].room_id, person_id=person)

    async def is_forgotten() -> bool:
        return "Moving away" not in json.dumps(await exported(stack, person))

    await eventually(is_forgotten, within=30, saying="the reason was erased")
