"""From one broker to three with the existing data: every queue gets a member on each node."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.containers.test_cluster import MEMBERS
from tests.integration.compose.cluster import Cluster
from tests.support.clients.actions import a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

from practio_operator.stack import engine


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Yield all of Practio on one broker, before it has become a cluster; at the end it is down, with its data."""
    if missing := engine.missing_for_docker():
        pytest.skip(f"Compose cannot be tried here: {missing}")
    found = Cluster.settle()
    async with found.before.up():
        yield found


@pytest_asyncio.fixture
async def outside(cluster: Cluster) -> AsyncIterator[OutsideSystem]:
    """Yield the outside system, on the one broker."""
    async with cluster.outside() as found:
        yield found


async def test_one_broker_grows_to_three_and_loses_nothing(cluster: Cluster, outside: OutsideSystem) -> None:
    room = await a_published_room(outside, policy="open")
    before = set(await cluster.queues())
    await cluster.compose("up", "--detach", "--wait", "--wait-timeout", "300")

    async def all_have_three() -> bool:
        queues = await cluster.queues()
        return before <= set(queues) and all(set(queue["members"]) == MEMBERS for queue in queues.values())

    await eventually(all_have_three, within=120, message="every queue has a member on each node")
    person = new_id()
    assert (await accepted(asks(outside, room, person)))["status"] == "joined"
    await outside.receives("membership.joined.v1", person_id=person, within=60)
