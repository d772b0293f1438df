"""The data of one person is exported completely, and erased everywhere."""

import json
from typing import Any

from tests.support.clients.actions import WITHDRAW, a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import about
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.running import RunningStack


async def exported(stack: RunningStack, person: str) -> dict[str, Any]:
    export: dict[str, Any] = json.loads(await practio(stack, "export-person", person))
    return export


async def test_a_person_is_exported_completely_and_no_text_is_left_after_erasure(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    person = await a_known_person(outside)
    rooms = [await a_published_room(outside, policy="open") for _ in range(2)]
    for room in rooms:
        await accepted(asks(outside, room, person))
    leaving = about(rooms[0].room_id, person, reason="Moving away")
    await accepted(outside.send(WITHDRAW, leaving, actor=person))
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="withdrawn")

    export = await exported(stack, person)
    assert {each["room_id"] for each in export["memberships"]} == {room.room_id for room in rooms}
    assert [each["to"] for each in export["history"][rooms[0].room_id]] == ["joined", "withdrawn"]
    assert "Moving away" in json.dumps(export["history"])
    assert {"joined", "withdrawn"} <= {each["kind"] for each in export["letters"]}
    assert export["preferences"]["reminders"] is True
    assert "@" in export["stored"]["notifications"]["contact"][0]["email"]

    erased = await practio(stack, "erase-person", person, "--yes")
    assert "erased in every service" in erased
    assert "Moving away" not in json.dumps(await exported(stack, person))
    await outside.receives("membership.withdrawn.v1", room_id=rooms[1].room_id, person_id=person)


async def test_an_erasure_ends_only_by_a_restoration(outside: OutsideSystem, stack: RunningStack) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside, policy="open")
    await practio(stack, "erase-person", person, "--yes")
    answer = await asks(outside, room, person)
    assert answer["code"] == "person-erased"
    await practio(stack, "restore-person", person)
    await accepted(asks(outside, room, person))
