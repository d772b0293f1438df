"""Three brokers: one cluster that forms by itself, and any one of its nodes may go while people ask."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

import pytest
import pytest_asyncio
from tests.integration.compose.cluster import HTTP, NODES, Cluster
from tests.support.clients.commands import new_id
from tests.support.clients.load import SEATS, Load, a_load
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import a_published_room, accepted, asks, roster
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger

from practio_operator.stack import engine
from practio_operator.stack.services import is_ready

PEOPLE = 240
MEMBERS = {f"rabbit@broker-{number}" for number in (1, 2, 3)}


@pytest_asyncio.fixture(scope="module")
async def cluster() -> AsyncIterator[Cluster]:
    """Give all of Practio on three brokers; at the end it is down, with its data."""
    if lacking := engine.what_lacks():
        pytest.skip(f"Compose cannot be tried here: {lacking}")
    found = Cluster.settle()
    async with found.up():
        yield found


@pytest_asyncio.fixture
async def outside(cluster: Cluster) -> AsyncIterator[Outside]:
    """Give the outside system, on the first node."""
    async with cluster.outside() as found:
        yield found


async def test_every_queue_is_kept_by_all_three(cluster: Cluster) -> None:
    queues = await cluster.queues()
    assert {name: each["type"] for name, each in queues.items()} == dict.fromkeys(queues, "quorum")
    assert {name: set(each["members"]) for name, each in queues.items()} == dict.fromkeys(queues, MEMBERS)
    assert {each["leader"] for each in queues.values()} == MEMBERS


async def test_any_node_may_be_killed_under_load_and_come_back(cluster: Cluster, outside: Outside) -> None:
    async def each_in_turn() -> None:
        for node in NODES:
            await cluster.compose("kill", node)
            await somebody_comes_in(outside)  # by services that went on, not by ones that waited for the node
            await cluster.compose("start", node)
            await cluster.healthy(node)

    loads = await people_ask_while(outside, each_in_turn())
    await the_books_are_right(cluster, loads)
    await all_are_ready(cluster)


async def somebody_comes_in(outside: Outside) -> None:
    """Let somebody ask to join a new room, and hear that they are in."""
    room, person = await a_published_room(outside, policy="open"), new_id()
    assert (await accepted(asks(outside, room, person)))["status"] == "joined"
    await outside.hears("membership.joined.v1", person_id=person, within=60)


async def people_ask_while(outside: Outside, happening: Coroutine[Any, Any, None]) -> list[Load]:
    """Let one crowd after the other ask, each when the one before is done, until ``happening`` is over."""
    loads: list[Load] = []
    async with asyncio.TaskGroup() as group:
        going = group.create_task(happening)
        while not going.done():
            async with a_load(outside, people=PEOPLE) as load:
                loads.append(load)
    return loads


async def the_books_are_right(cluster: Cluster, loads: Sequence[Load]) -> None:
    """The ledger is clean, all that must hold does, nothing was given up, and every room is as full as it may be."""
    await Ledger(loads[0].outside, cluster.mail).is_clean(within=120)
    for load in loads:
        for room in load.rooms:
            told = await roster(load.outside, room)
            assert (told["seats_taken"], told["counts"]["waitlisted"]) == (SEATS, PEOPLE // len(load.rooms) - SEATS)
    await cluster.practio("invariants")
    assert await cluster.dead_letters() == []


async def all_are_ready(cluster: Cluster) -> None:
    for part in HTTP:
        await eventually(lambda part=part: is_ready(cluster.http(part)), within=120, saying=f"{part} is ready")
