"""The bounds of messages and queues, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import AMQPError
from tests.integration.provision.conftest import OUTSIDE
from tests.support.eventually import eventually
from tests.support.faults.rabbitmqctl import broker_setting
from tests.support.stack.servers import Servers

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_chassis.broker.queue_names import commands_queue, dead_queue, events_queue, outside_queue, queries_queue
from practio_contracts.catalogue import COMMANDS, QUERIES, UNROUTED
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.provision import ProvisionTarget, provision
from practio_operator.stack.stack import Backing

MIB = 1024 * 1024
KEY = "membership.withdraw.v1"
QUEUE = commands_queue("membership")


@asynccontextmanager
async def administrator(target: ProvisionTarget) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(target.broker_as(*target.administrator), timeout=10) as connection:
        yield await connection.channel()


async def publish(channel: AbstractChannel, exchange: str, key: str, body: bytes) -> None:
    await (await channel.get_exchange(exchange, ensure=False)).publish(aio_pika.Message(body, delivery_mode=2), key)


async def waiting(channel: AbstractChannel, queue: str) -> int:
    found = await (await channel.get_underlay_channel()).queue_declare(queue, passive=True)
    return found.message_count or 0


@asynccontextmanager
async def tightened(target: ProvisionTarget, queue: str, **limits: Any) -> AsyncIterator[None]:
    """Apply other limits to one queue, on top of those that provisioning gives it."""
    before = await limits_of(target, queue)
    async with management(target) as broker:
        body = {"pattern": f"^{queue}$", "apply-to": "queues", "priority": 9, "definition": {**before, **limits}}
        await broker.put("policies", target.vhost, "tightened", body=body)
        try:
            await has_limits(target, queue, **limits)
            yield
        finally:
            await broker.delete("policies", target.vhost, "tightened")


async def limits_of(target: ProvisionTarget, queue: str) -> Mapping[str, Any]:
    """Return the limits that the broker applies to a queue; it shows them some seconds after the queue is there."""
    async with management(target) as broker:

        async def shown() -> Mapping[str, Any] | None:
            found: Mapping[str, Any] = await broker.get("queues", target.vhost, queue)
            return found.get("effective_policy_definition")

        limits: Mapping[str, Any] = await eventually(shown, within=30, message=f"the limits of {queue}")
    return limits


async def has_limits(target: ProvisionTarget, queue: str, **limits: Any) -> None:
    """Wait until the broker applies these limits to a queue."""

    async def applied() -> bool:
        return limits.items() <= (await limits_of(target, queue)).items()

    await eventually(applied, within=30, message=f"{limits} of {queue}")


async def test_30_messages_of_15_mib_are_refused_by_the_broker(servers: Servers, outside_url: str) -> None:
    if servers.backing is Backing.EXTERNAL:
        pytest.skip("the configuration of this broker is its owner's")
    body, errors = b"x" * 15 * MIB, []
    async with await aio_pika.connect(outside_url, timeout=10) as connection:
        for _ in range(30):
            channel = await connection.channel()
            message = aio_pika.Message(body, user_id=OUTSIDE, delivery_mode=2)
            with pytest.raises(AMQPError) as refused:
                await (await channel.get_exchange(COMMANDS, ensure=False)).publish(message, KEY)
            errors.append(str(refused.value))
    assert all("larger than configured max size" in each for each in errors), errors


async def test_nothing_is_said_of_a_broker_with_the_limit_that_we_ship(
    servers: Servers, target: ProvisionTarget
) -> None:
    if servers.backing is Backing.EXTERNAL:
        pytest.skip("the configuration of this broker is its owner's")
    assert await provision(target) == []


@pytest.mark.parametrize(
    ("limit", "sentence"), [(16 * MIB, "takes messages of more than 524288 bytes"), (262_144, "refuses messages")]
)
async def test_provisioning_says_what_to_set_where_a_broker_has_another_limit(
    servers: Servers, target: ProvisionTarget, limit: int, sentence: str
) -> None:
    async with broker_setting(servers, "max_message_size", str(limit)):
        [fault] = await provision(target)
    assert sentence in fault
    assert f"set max_message_size = {MAX_MESSAGE_BYTES} in its rabbitmq.conf" in fault


@pytest.mark.thorough
async def test_bounds_reach_a_broker_that_an_earlier_release_provisioned(target: ProvisionTarget) -> None:
    names = "(rooms|membership|notifications)"
    earlier = {"practio-crashes": rf"^{names}\.(commands|events|queries)$", "practio-dead": rf"^{names}\..*\.dead$"}
    async with management(target) as broker:
        for name in ("practio-queries", "practio-dead-queries"):
            await broker.delete("policies", target.vhost, name)
        for name, pattern in earlier.items():
            body = {"pattern": pattern, "apply-to": "queues", "priority": 0, "definition": {"delivery-limit": 100}}
            await broker.put("policies", target.vhost, name, body=body)

    await provision(target)

    bounded = {
        dead_queue(QUEUE): 256 * MIB,
        dead_queue(events_queue("rooms")): 256 * MIB,
        dead_queue(queries_queue("rooms")): 16 * MIB,
        UNROUTED: 256 * MIB,
    }
    for queue, size in bounded.items():
        await has_limits(target, queue, **{"max-length-bytes": size, "overflow": "drop-head"})
    await has_limits(target, queries_queue("rooms"), **{"delivery-limit": 100, "message-ttl": 60_000})
    assert await limits_of(target, QUEUE) == {"delivery-limit": 100}


@pytest.mark.thorough
@pytest.mark.usefixtures("outside_url")
async def test_an_outside_queue_is_bounded_in_bytes(target: ProvisionTarget) -> None:
    await has_limits(target, outside_queue(OUTSIDE), **{"max-length-bytes": 1024 * MIB})


@pytest.mark.thorough
async def test_a_full_dead_letter_queue_drops_its_oldest_and_stops_nobody(target: ProvisionTarget) -> None:
    bodies = [f"{number:03}".encode() * 1_000 for number in range(20)]
    async with (
        tightened(target, dead_queue(QUEUE), **{"max-length-bytes": 30_000}),
        administrator(target) as channel,
    ):
        queue, dead = [await channel.get_queue(name, ensure=False) for name in (QUEUE, dead_queue(QUEUE))]
        await queue.purge()
        await dead.purge()
        for body in bodies:
            await publish(channel, COMMANDS, KEY, body)
        async with queue.iterator(timeout=20) as messages:  # a queue with one active consumer cannot be got from
            for _ in bodies:
                await (await anext(messages)).reject(requeue=False)

        async def drained() -> bool:
            return (await waiting(channel, QUEUE), await waiting(channel, dead_queue(QUEUE))) == (0, 10)

        await eventually(drained, within=20, message="ten of twenty dead letters left")
        kept = [await next_message(dead) for _ in range(10)]
        assert [message.body for message in kept] == bodies[10:]
        for message in kept:
            await message.ack()


@pytest.mark.thorough
async def test_a_query_that_waits_too_long_is_dead_lettered_as_expired(target: ProvisionTarget) -> None:
    name = queries_queue("membership")
    async with tightened(target, name, **{"message-ttl": 200}), administrator(target) as channel:
        queue, dead = [await channel.get_queue(each, ensure=False) for each in (name, dead_queue(name))]
        await dead.purge()

        async def expired() -> aio_pika.abc.AbstractIncomingMessage | None:
            message = await dead.get(no_ack=True, fail=False)
            if message is None:
                # The broker shows a policy before the queue applies it, and only the first message of a queue expires:
                # one that still has the longer life of before would hold up all others.
                await queue.purge()
                await publish(channel, QUERIES, "membership.get-roster.v1", b"late")
            return message

        message: Any = await eventually(expired, within=20, pause=1, message=f"an expired query in {dead.name}")
    death = message.headers["x-death"][0]
    assert (message.body, death["reason"], death["queue"]) == (b"late", "expired", name)


async def next_message(queue: aio_pika.abc.AbstractQueue) -> aio_pika.abc.AbstractIncomingMessage:
    async def got() -> aio_pika.abc.AbstractIncomingMessage | None:
        return await queue.get(fail=False)

    async with asyncio.timeout(30):
        found: aio_pika.abc.AbstractIncomingMessage = await eventually(got, within=20, message=f"one in {queue.name}")
    return found
