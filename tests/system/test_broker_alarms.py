"""RabbitMQ's alarms: nothing is lost while it blocks publishers, readiness says why, and all goes on afterwards."""

from typing import Any

import httpx
import pytest
from tests.support.clients.actions import REQUEST, a_published_room, roster
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.alarms import disk_alarm, memory_alarm
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_operator.execution.http import NO_AUTHORITIES

pytestmark = pytest.mark.thorough

PEOPLE = 5


@pytest.mark.parametrize(("alarm", "reason"), [(memory_alarm, "low on memory"), (disk_alarm, "low on disk")])
async def test_under_an_alarm_nothing_is_lost_and_readiness_says_why(
    outside: OutsideSystem, stack: RunningStack, alarm: Any, reason: str
) -> None:
    room = await a_published_room(outside, policy="open", capacity=10)
    service, people = stack.services["membership"], [new_id() for _ in range(PEOPLE)]
    service.process.stop()
    commands = [outside.envelope(REQUEST, about(room.room_id, person), actor=person) for person in people]
    for command in commands:
        await outside.publish(COMMANDS, command)

    async with alarm(stack):
        service.process.start()
        readiness = await eventually(lambda: blocked(service), within=60, message=lambda: service.process.tail())
        assert (readiness["ready"], readiness["broker"], readiness["database"]) == (False, True, True)
        assert readiness["faults"]["alarm"] == f"RabbitMQ lets nobody publish: {reason}"
        assert await opens(stack.pages_url) == 503
        readiness = await eventually(
            lambda: blocked(stack.pages), within=60, message=lambda: stack.pages.process.tail()
        )
        assert (readiness["ready"], readiness["broker"]) == (False, True)

    await stack.pages.ready()
    await service.ready()
    await eventually(
        lambda: all(outside.answers[each["id"]] for each in commands), within=60, message="an answer to each command"
    )
    assert [outside.answers[each["id"]][0]["data"].get("state", {}).get("status") for each in commands] == [
        "joined"
    ] * PEOPLE
    for person in people:
        await outside.receives("membership.joined.v1", within=60, person_id=person)
    assert (await roster(outside, room))["seats_taken"] == PEOPLE


async def opens(url: str) -> int:
    """Return the status of a page."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=30) as reader:
        return (await reader.get(url)).status_code


async def blocked(service: RunningService) -> dict[str, Any]:
    """Return what the service says of its readiness once it says that it is blocked."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=10) as client:
        try:
            answer = await client.get(f"{service.url}/readyz")
        except httpx.HTTPError:
            return {}
    readiness: dict[str, Any] = answer.json()
    assert answer.is_success is readiness["ready"]
    return readiness if readiness["blocked"] else {}
