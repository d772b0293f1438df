"""RabbitMQ closes a channel whose messages are in hand too long: the service comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from tests.support.clients.actions import a_published_room, accepted, asks, roster
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.database import locked_room
from tests.support.faults.rabbitmqctl import broker_setting, rabbitmqctl
from tests.support.stack.running import RunningStack
from tests.support.stack.service import RunningService

from practio_chassis.broker.queue_names import commands_queue
from practio_contracts.catalogue import VHOST, account_of
from practio_operator.provisioning.broker import management

pytestmark = pytest.mark.thorough

QUEUE = commands_queue("membership")


@pytest_asyncio.fixture
async def impatient(stack: RunningStack, outside: OutsideSystem) -> AsyncIterator[None]:
    """Let the broker close the channels of membership whose messages are in hand for more than 2 seconds."""
    service = stack.services["membership"]
    servers = stack.servers
    async with (
        broker_setting(servers, "consumer_timeout", "2000"),
        broker_setting(servers, "channel_tick_interval", "500"),
    ):
        service.process.stop()
        await service.start()  # a channel reads both when it opens
        yield
    service.process.stop()
    await service.start()


async def consumer(stack: RunningStack) -> str:
    """Return the channel that consumes the commands of membership, as the broker knows it; empty if none does."""
    lines = await rabbitmqctl(stack.servers, "--vhost", VHOST, "list_consumers", "queue_name", "channel_pid")
    return next((line.split()[1] for line in lines.splitlines() if line.startswith(QUEUE)), "")


@pytest.mark.usefixtures("impatient")
async def test_a_service_whose_channel_is_closed_for_its_slowness_comes_back_and_acts_once(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open", capacity=5)
    person, other = new_id(), new_id()
    before = await consumer(stack)
    async with locked_room(stack, room.room_id):
        asking = asyncio.create_task(asks(outside, room, person))

        async def closed() -> bool:
            return await consumer(stack) != before

        await eventually(closed, within=60, message="the broker closes the channel")

    assert (await accepted(asking))["status"] == "joined"
    await eventually(lambda: consumer(stack), within=30, message=f"a consumer of {QUEUE}")
    assert (await accepted(asks(outside, room, other)))["status"] == "joined"
    await stack.services["membership"].ready()
    assert (await roster(outside, room))["seats_taken"] == 2
    for each in (person, other):
        await outside.receives("membership.joined.v1", person_id=each)
    assert len(joined(outside, person)) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_channel_that_cannot_be_opened_again_at_once_is_tried_until_it_can(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open", capacity=5)
    service, person, other = stack.services["membership"], new_id(), new_id()
    async with locked_room(stack, room.room_id), not_readable(stack):
        asking = asyncio.create_task(asks(outside, room, person))
        await eventually(lambda: has_no_consumer(stack), within=60, message="the broker closes the channel")
        await eventually(lambda: is_not_ready(service), within=30, message="membership says that it is not ready")

    await service.ready()
    assert (await accepted(asking))["status"] == "joined"
    assert (await accepted(asks(outside, room, other)))["status"] == "joined"
    for each in (person, other):
        await outside.receives("membership.joined.v1", person_id=each)
    assert len(joined(outside, person)) == 1


@asynccontextmanager
async def not_readable(stack: RunningStack) -> AsyncIterator[None]:
    """Let membership read no queue, as if its queues were not there; a consumer that is there stays."""
    account = account_of("membership")
    async with management(stack.target) as broker:
        rights = await broker.get("permissions", broker.vhost, account)
        await broker.put("permissions", broker.vhost, account, body={**rights, "read": "^$"})
        try:
            yield
        finally:
            await broker.put("permissions", broker.vhost, account, body=rights)


async def has_no_consumer(stack: RunningStack) -> bool:
    return not await consumer(stack)


async def is_not_ready(service: RunningService) -> bool:
    return not await service.is_ready()


def joined(outside: OutsideSystem, person: str) -> list[Data]:
    events = outside.events["membership.joined.v1"]
    return [each for each in events if each["data"]["membership"]["person_id"] == person]
