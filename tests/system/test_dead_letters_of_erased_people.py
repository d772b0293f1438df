"""Leftovers of people whom the directory erases: services delete dead letters and unrouted messages, and no others."""

import pytest
from tests.support.clients.actions import a_known_person, a_published_room
from tests.support.clients.commands import about
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.database import a_fault
from tests.support.faults.unrouted import publish_unrouted
from tests.support.oracles.dead_letters import dead_letter
from tests.support.oracles.traces_of_people import in_queues
from tests.support.stack.running import RunningStack

from practio_contracts.catalogue import UNROUTED

ASK = "membership.request-to-join.v1"
WITHIN = 60.0
"""Seconds: a service looks whether somebody was erased every 15, and then twice at its dead letters."""

SELDOM = 5.0
"""Seconds between two looks of a test: while it looks, dead letters are hidden from the service."""


@pytest.mark.timeout(300)
async def test_the_services_delete_what_the_broker_keeps_of_a_person_whom_the_directory_erased(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, gone, stays = [await a_known_person(outside) for _ in range(3)]
    room = await a_published_room(outside, host=host)
    dead = {}
    for person in (gone, stays):
        event = outside.envelope(ASK, about(room.room_id, person, message="A text"), actor=person)
        async with a_fault(stack, service="membership", message_id=event["id"]):
            await outside.publish(COMMANDS, event)
            dead[person] = await dead_letter(stack, event["id"])
        await publish_unrouted(stack, {"person_id": person})
    queues = {f"queue {UNROUTED}", f"queue {dead[gone]['queue']}.dead"}
    assert await in_queues(stack, [gone, stays]) == {(queue, person) for queue in queues for person in (gone, stays)}
    await outside.publish_event("people.person-erased.v1", {"person_id": gone})

    async def is_deleted() -> bool:
        return not await in_queues(stack, [gone])

    await eventually(is_deleted, within=WITHIN, pause=SELDOM, message="what the broker keeps of them is deleted")
    assert await in_queues(stack, [stays]) == {(queue, stays) for queue in queues}
