"""A replay: only the system starts it, and it has no effect if all services agree."""

import json

import pytest
import pytest_asyncio
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.restoring import joins, letters_at_rest
from tests.support.stack.running import RunningStack

pytestmark = pytest.mark.thorough


@pytest_asyncio.fixture
async def room(outside: OutsideSystem) -> OpenRoom:
    """Return a room of two seats."""
    return await a_published_room(outside, capacity=2)


async def test_a_rebuild_of_consistent_services_changes_nothing_and_can_be_repeated(
    stack: RunningStack, outside: OutsideSystem, room: OpenRoom
) -> None:
    ada = await a_known_person(outside)
    await joins(outside, room, ada)
    before = await letters_at_rest(stack)
    for service in ((), ("membership",), ("rooms",), ()):
        report = json.loads(await practio(stack, "rebuild", *service, "--json"))
        assert (report["rooms_taken_back"], report["memberships_gone"]) == ([], [])
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before


@pytest.mark.parametrize("command", ["rooms.say-again.v1", "membership.say-again.v1"])
async def test_only_the_system_may_start_a_replay(outside: OutsideSystem, room: OpenRoom, command: str) -> None:
    refused = await outside.send(command, {"room_ids": [room.room_id]}, actor=room.host)
    assert refused["code"] == "not-allowed"
