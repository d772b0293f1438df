"""Commands of membership spread over shards, whose number changes while people ask and instances are killed."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, accepted, asks
from tests.support.clients.commands import about, new_id
from tests.support.clients.load import PAUSE_SECONDS, a_lasting_load
from tests.support.clients.operator import practio
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.clients.sharding import spread_over
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService
from tests.support.thorough import some

from practio_operator.execution.http import NO_AUTHORITIES

ROOMS, PUBLISHED_AT_ONCE = 6, 10


@dataclass
class RoomWithRequests:
    """A room with one seat, and the people who asked for it, in the order of their publishing."""

    room: OpenRoom
    people: list[str] = field(default_factory=list)


@pytest_asyncio.fixture
async def spreading(stack: RunningStack) -> AsyncIterator[RunningStack]:
    """Yield the stack; at the end its commands are handled from one queue again: all tests of a run share it."""
    yield stack
    await stack.heal()
    await spread_over(stack, 1)
    await spread_over(stack, 1)  # deletes the queues


@pytest_asyncio.fixture
async def instances(spreading: RunningStack) -> AsyncIterator[Sequence[RunningService]]:
    """Yield three instances of membership."""
    membership = spreading.services["membership"]
    async with AsyncExitStack() as copies:
        yield [membership, *[await copies.enter_async_context(membership.copy()) for _ in range(2)]]


async def test_nothing_is_lost_or_overtakes_while_the_number_of_shards_changes_and_instances_are_killed(
    outside: OutsideSystem,
    spreading: RunningStack,
    instances: Sequence[RunningService],
    ledger: Ledger,
    chance: random.Random,
) -> None:
    async with a_lasting_load(outside) as load, rooms_with_requests(outside) as rooms:
        for shards in some((4, 1, 2, 3), few=2):
            await spread_over(spreading, shards)
            await load.has_outcomes(len(load.people) + 20)
            victim = chance.choice(instances)
            victim.process.kill()
            await load.has_outcomes(len(load.people) + 20)
            await victim.start()
    await ledger.is_clean()
    await load.all_have_their_place()
    for each in rooms:
        assert waitlisted(outside, each.room) == each.people[1:], f"somebody overtook in {each.room.room_id}"
    await practio(spreading, "invariants")


async def test_instances_share_the_shards_evenly_and_take_over_from_one_that_stops(
    outside: OutsideSystem, spreading: RunningStack, instances: Sequence[RunningService]
) -> None:
    await spread_over(spreading, 4)
    await eventually(lambda: shares_are(instances, [1, 1, 2]), within=30, message="4 shards are shared by three")
    instances[1].process.stop()
    await eventually(lambda: shares_are([instances[0], instances[2]], [2, 2]), within=30, message="by two")
    await instances[1].start()
    await eventually(lambda: shares_are(instances, [1, 1, 2]), within=30, message="by three again")
    room = await a_published_room(outside, policy="open")
    assert (await accepted(asks(outside, room, new_id())))["status"] == "joined"


@asynccontextmanager
async def rooms_with_requests(outside: OutsideSystem) -> AsyncIterator[Sequence[RoomWithRequests]]:
    """Let people ask for the seat of a few rooms, in each one after the other, while the block runs."""
    found = [RoomWithRequests(await a_published_room(outside, capacity=1, policy="open")) for _ in range(ROOMS)]
    over = asyncio.Event()
    asking = asyncio.gather(*(_ask(outside, each, over) for each in found))
    try:
        yield found
        over.set()
        await asking
    finally:
        asking.cancel()


async def _ask(outside: OutsideSystem, asked: RoomWithRequests, over: asyncio.Event) -> None:
    """Publish requests without waiting for answers; each tenth waits for its own, so that few are under way."""
    while not over.is_set():
        asked.people.append(person := new_id())
        if len(asked.people) % PUBLISHED_AT_ONCE:
            request = outside.envelope(REQUEST, about(asked.room.room_id, person), actor=person)
            await outside.publish(COMMANDS, request)
        else:
            await accepted(asks(outside, asked.room, person))
            await asyncio.sleep(PAUSE_SECONDS)


def waitlisted(outside: OutsideSystem, room: OpenRoom) -> list[str]:
    """Return who was put on a room's waitlist, in its order, by the events."""
    waiting = [event["data"] for event in outside.events["membership.waitlisted.v1"]]
    here = {
        data["membership"]["person_id"]: data["ahead"]
        for data in waiting
        if data["membership"]["room_id"] == room.room_id
    }
    return sorted(here, key=here.__getitem__)


async def shares_are(instances: Sequence[RunningService], numbers: Sequence[int]) -> bool:
    """Return whether instances consume these numbers of shards, whichever has which."""
    return sorted([await _share(each) for each in instances]) == numbers


async def _share(instance: RunningService) -> int:
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=5) as client:
        metrics = (await client.get(f"{instance.url}/metrics")).text
    families = (each for each in text_string_to_metric_families(metrics) if each.name == "practio_shards")
    return int(sum(sample.value for family in families for sample in family.samples))
