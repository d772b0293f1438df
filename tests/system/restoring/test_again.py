"""What is said again: by the system's wish alone, and without effect where all agree."""

import json

import pytest
import pytest_asyncio
from tests.support.clients.operator import practio
from tests.support.clients.outside import Outside
from tests.support.clients.restoring import comes_in, letters_at_rest
from tests.support.clients.scenes import OpenRoom, a_known_person, a_published_room
from tests.support.stack.running import Stack

pytestmark = pytest.mark.thorough


@pytest_asyncio.fixture
async def room(outside: Outside) -> OpenRoom:
    """Give a room of two seats."""
    return await a_published_room(outside, capacity=2)


async def test_a_rebuild_where_all_agree_changes_nothing_and_may_be_run_again(
    stack: Stack, outside: Outside, room: OpenRoom
) -> None:
    ada = await a_known_person(outside)
    await comes_in(outside, room, ada)
    before = await letters_at_rest(stack)
    for service in ((), ("membership",), ("rooms",), ()):
        told = json.loads(await practio(stack, "rebuild", *service, "--json"))
        assert (told["rooms_taken_back"], told["memberships_gone"]) == ([], [])
    await practio(stack, "invariants")
    assert await letters_at_rest(stack) == before


@pytest.mark.parametrize("command", ["rooms.say-again.v1", "membership.say-again.v1"])
async def test_nobody_but_the_system_has_anything_said_again(outside: Outside, room: OpenRoom, command: str) -> None:
    refused = await outside.send(command, {"room_ids": [room.room_id]}, actor=room.host)
    assert refused["code"] == "not-allowed"
