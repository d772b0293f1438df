"""A message whose handling ends the process is found and dead-lettered; everything around it is handled in order."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, accepted, asks, roster
from tests.support.clients.commands import about, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.dying import EXIT_CODE
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_chassis.inbound.consumer import ENDS_SERVICE
from practio_operator.stack.home import CHECKOUT

pytestmark = pytest.mark.thorough


@asynccontextmanager
async def dying_of(service: RunningService, module: str, message_id: str) -> AsyncIterator[list[int]]:
    """Let a service end whenever it handles a message, and start it again each time; yield the exit codes."""
    process, ends = service.process, list[int]()
    usual = process.command, process.folder

    async def keep_running() -> None:
        while True:
            await eventually(lambda: not process.runs, within=120, message="it ends once more")
            ends.append(process.stop())
            process.start()

    process.stop()
    process.command = (sys.executable, "-m", "tests.support.faults.dying", module, message_id)
    process.folder = CHECKOUT
    await service.start()
    supervisor = asyncio.create_task(keep_running())
    try:
        yield ends
    finally:
        supervisor.cancel()
        with suppress(asyncio.CancelledError):
            await supervisor
        process.stop()
        process.command, process.folder = usual
        await service.start()


async def test_a_message_that_ends_the_service_is_dead_lettered_and_all_others_are_handled_in_their_order(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room, other = [await a_published_room(outside, policy="open", capacity=3) for _ in range(2)]
    people, elsewhere = [new_id() for _ in range(5)], [new_id() for _ in range(3)]
    requests = [outside.envelope(REQUEST, about(room.room_id, each), actor=each) for each in people]
    fatal = requests[2]
    async with dying_of(stack.services["membership"], "practio_membership", fatal["id"]) as ends:
        for request in requests:
            await outside.publish(COMMANDS, request)
        for person in elsewhere:
            await accepted(asks(outside, other, person))
        letter = await dead_letter(stack, fatal["id"], within=120)
    assert letter["reason"] == ENDS_SERVICE
    assert set(ends) == {EXIT_CODE}
    [answer] = outside.answers[fatal["id"]]
    assert answer["data"]["code"] == "failed"
    others = [each for each in people if each != people[2]]
    assert await standing(outside, room) == list(zip(others, ["joined"] * 3 + ["waitlisted"], strict=True))

    await practio(stack, "dead", "retry", "--message", REQUEST)

    async def survives() -> bool:
        return (await standing(outside, room))[-1] == (people[2], "waitlisted")

    await eventually(survives, within=30, message="a release that survives it lets them wait, behind all others")
    await practio(stack, "invariants")


async def standing(outside: OutsideSystem, room: OpenRoom) -> list[tuple[str, str]]:
    """Return the people of a room with their status, in the order of its roster."""
    memberships = [each["membership"] for each in (await roster(outside, room))["entries"]]
    return [(each["person_id"], each["status"]) for each in memberships]
