"""Three brokers form one cluster, and any one of its nodes may fail under load."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from tests.integration.compose.cluster import HTTP, NODES, Cluster
from tests.support.clients.actions import a_published_room, accepted, asks, roster
from tests.support.clients.commands import new_id
from tests.support.clients.load import SEATS, Load, a_load
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

from practio_operator.stack import engine
from practio_operator.stack.services import is_ready

PEOPLE = 240
MEMBERS = {f"rabbit@broker-{number}" for number in (1, 2, 3)}


@pytest_asyncio.fixture(scope="module")
async def cluster() -> AsyncIterator[Cluster]:
    """Yield all of Practio on three brokers; at the end it is down, with its data."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Compose cannot be tried here: {missing}")
    found = Cluster.settle()
    async with found.up():
        yield found


@pytest_asyncio.fixture
async def outside(cluster: Cluster) -> AsyncIterator[OutsideSystem]:
    """Yield the outside system, on the first node."""
    async with cluster.outside() as found:
        yield found


async def test_every_queue_has_a_member_on_all_three_nodes(cluster: Cluster) -> None:
    queues = await cluster.queues()
    assert {name: each["type"] for name, each in queues.items()} == dict.fromkeys(queues, "quorum")
    assert {name: set(each["members"]) for name, each in queues.items()} == dict.fromkeys(queues, MEMBERS)
    assert {each["leader"] for each in queues.values()} == MEMBERS


async def test_any_node_may_be_killed_under_load_and_come_back(cluster: Cluster, outside: OutsideSystem) -> None:
    async def each_in_turn() -> None:
        for node in NODES:
            await cluster.compose("kill", node)
            await somebody_comes_in(outside)  # by services that went on, not by ones that waited for the node
            await cluster.compose("start", node)
            await cluster.healthy(node)

    loads = await people_ask_while(outside, each_in_turn())
    await the_books_are_right(cluster, loads)
    await all_are_ready(cluster)


async def somebody_comes_in(outside: OutsideSystem) -> None:
    """Let a person request to join a new room, and wait until they have joined."""
    room, person = await a_published_room(outside, policy="open"), new_id()
    assert (await accepted(asks(outside, room, person)))["status"] == "joined"
    await outside.receives("membership.joined.v1", person_id=person, within=60)


async def people_ask_while(outside: OutsideSystem, happening: Coroutine[Any, Any, None]) -> list[Load]:
    """Let one group of people after the other request, until ``happening`` is over."""
    loads: list[Load] = []
    async with asyncio.TaskGroup() as group:
        going = group.create_task(happening)
        while not going.done():
            async with a_load(outside, people=PEOPLE) as load:
                loads.append(load)
    return loads


async def the_books_are_right(cluster: Cluster, loads: Sequence[Load]) -> None:
    """Check the ledger, the invariants and the dead letters, and that every room is as full as it may be."""
    await Ledger(loads[0].outside, cluster.mail).is_clean(within=120)
    for load in loads:
        for room in load.rooms:
            shown = await roster(load.outside, room)
            assert (shown["seats_taken"], shown["counts"]["waitlisted"]) == (SEATS, PEOPLE // len(load.rooms) - SEATS)
    await cluster.practio("invariants")
    assert await cluster.dead_letters() == []


async def all_are_ready(cluster: Cluster) -> None:
    for part in HTTP:
        await eventually(partial(is_ready, cluster.http(part)), within=120, message=f"{part} is ready")
