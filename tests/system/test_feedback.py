"""Feedback and reports over the real broker: feedback is counted, and nobody learns its author."""

import json

from tests.support.clients.actions import OpenRoom, a_published_room, a_session_that_begins, accepted, asks
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

REMARK = "Quite a peculiar remark"


async def gives_feedback(outside: OutsideSystem, room: OpenRoom, session_id: str, person: str) -> Data:
    about = {"room_id": room.room_id, "session_id": session_id}
    return await outside.send("rooms.give-feedback.v1", about | {"useful": 5, "comment": REMARK}, actor=person)


async def test_feedback_of_four_people_is_counted_without_names(outside: OutsideSystem) -> None:
    room, people = await a_published_room(outside, capacity=4, policy="open"), [new_id() for _ in range(4)]
    for person in people:
        await accepted(asks(outside, room, person))
    session_id = await a_session_that_begins(outside, room)

    for person in people:

        async def is_taken(by: str = person) -> bool:
            return "state" in await gives_feedback(outside, room, session_id, by)

        await eventually(is_taken, within=30, pause=0.2, message="the session began and the person is in the room")
    again = await gives_feedback(outside, room, session_id, people[0])

    assert again["code"] == "already-given"
    about = {"room_id": room.room_id}
    shown = (await outside.query("rooms.get-feedback.v1", about, actor=room.host))["result"]
    assert (shown["answers"], shown["average"], shown["comments"]) == (4, 5.0, [REMARK] * 4)
    report = (await outside.query("rooms.get-report.v1", about, actor="system"))["result"]
    assert (report["people_served"], report["capacity"], report["feedback"]["answers"]) == (4, 4, 4)
    refused = await outside.receives("rooms.command-refused.v1", code="already-given")
    assert not any(person in json.dumps(refused) for person in people)
    assert REMARK not in json.dumps(list(outside.all_events()))
