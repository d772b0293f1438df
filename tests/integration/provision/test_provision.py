"""`practio provision` on real servers: what it creates works, and provisioning again disturbs nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from tests.integration.provision.broker_actions import consume, let_through
from tests.integration.provision.conftest import NAME, OUTSIDE
from tests.support.stack.logins import broker_of

from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.broker.queue_names import commands_queue, dead_queue, events_queue, outside_queue, retry_queue
from practio_contracts.catalogue import COMMANDS, DIRECTORY, EVENTS, INTERNAL, UNROUTED, account_of
from practio_operator.console.errors import OperatorError
from practio_operator.outbox.refused import refused_messages
from practio_operator.provisioning.accounts import publishers
from practio_operator.provisioning.broker import management
from practio_operator.provisioning.database import MAINTENANCE, administering, provision_database
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.provision import ProvisionTarget, provision


@pytest_asyncio.fixture
async def channel(target: ProvisionTarget) -> AsyncIterator[AbstractChannel]:
    """Yield an administrator's channel, on which an unroutable message is an error."""
    async with await aio_pika.connect(target.broker_as(*target.administrator), timeout=10) as connection:
        yield await connection.channel(on_return_raises=True)


async def publish(channel: AbstractChannel, exchange: str, key: str, body: bytes) -> None:
    place = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await place.publish(aio_pika.Message(body), key, timeout=10)


async def arrival(channel: AbstractChannel, queue: str, body: bytes) -> AbstractIncomingMessage:
    """Wait for the message with this body; messages that other tests left in the queue are removed."""
    place = await channel.get_queue(queue, ensure=False)
    async with place.iterator(timeout=15) as messages:
        async for message in messages:
            if message.body == body:
                return message
            await message.ack()
    raise AssertionError(f"{body!r} did not come to {queue}")


@pytest.mark.parametrize("queue", [commands_queue("rooms"), events_queue("notifications")])
async def test_a_message_in_a_retry_tier_returns_after_its_delay(channel: AbstractChannel, queue: str) -> None:
    for tier in RETRY_DELAYS:
        await publish(channel, "", retry_queue(queue, tier), tier.encode())
        back = await arrival(channel, queue, tier.encode())
        assert (back.exchange, back.routing_key) == ("", queue)
        await back.ack()


async def test_without_a_password_for_pages_it_has_no_account(target: ProvisionTarget) -> None:
    assert PAGES not in {each.account for each in await publishers(target)}


async def test_before_the_schemas_are_migrated_no_message_is_set_aside(target: ProvisionTarget) -> None:
    assert await refused_messages(target) == []


async def test_a_rejected_message_is_kept_in_the_dead_letter_queue(channel: AbstractChannel) -> None:
    queue = commands_queue("membership")
    await publish(channel, COMMANDS, "membership.withdraw.v1", b"poison")
    await (await arrival(channel, queue, b"poison")).reject(requeue=False)
    await (await arrival(channel, dead_queue(queue), b"poison")).ack()


@pytest.mark.parametrize(("exchange", "key"), [(COMMANDS, "nobody.hears-this.v1"), (DIRECTORY, "people.person-met.v1")])
async def test_an_unroutable_message_is_kept(channel: AbstractChannel, exchange: str, key: str) -> None:
    await publish(channel, exchange, key, key.encode())
    kept = await arrival(channel, UNROUTED, key.encode())
    assert kept.routing_key == key
    await kept.ack()


async def test_an_event_is_whole_for_services_and_public_for_others(channel: AbstractChannel, outside_url: str) -> None:
    await publish(channel, INTERNAL, "membership.joined.v1", b"whole")
    await publish(channel, EVENTS, "membership.joined.v1", b"public")
    await (await arrival(channel, events_queue("rooms"), b"whole")).ack()
    async with await aio_pika.connect(outside_url) as outside:
        received = await arrival(await outside.channel(), outside_queue(OUTSIDE), b"public")
        assert received.exchange == EVENTS
        await received.ack()


async def test_provisioning_again_disturbs_neither_messages_nor_consumers(
    target: ProvisionTarget, channel: AbstractChannel
) -> None:
    await publish(channel, INTERNAL, "membership.joined.v1", b"waiting")
    async with await aio_pika.connect(broker_of(target, "rooms")) as service:
        reading = await service.channel()
        await provision(target)
        await (await arrival(reading, events_queue("rooms"), b"waiting")).ack()


async def test_concurrent_provisionings_of_one_server_wait_for_each_other(target: ProvisionTarget) -> None:
    beside = [replace(target, database=f"{NAME}_{number}") for number in range(4)]
    try:
        await asyncio.gather(*(provision_database(each) for each in [target, *beside]))
    finally:
        async with administering(target, MAINTENANCE) as connection:
            for each in beside:
                await connection.execute(f"DROP DATABASE IF EXISTS {each.database} WITH (FORCE)")


async def test_an_obsolete_binding_is_removed(target: ProvisionTarget, channel: AbstractChannel) -> None:
    queue = await channel.get_queue(events_queue("rooms"), ensure=False)
    await queue.bind(EVENTS, "nobody.#")
    await provision(target)
    with pytest.raises(aio_pika.exceptions.PublishError):
        await publish(channel, EVENTS, "nobody.said-this.v1", b"unwanted")


async def test_a_service_reaches_its_queue_with_its_new_password(target: ProvisionTarget) -> None:
    assert await let_through(broker_of(target, "rooms"), {"read": consume("rooms.queries")}, Exception) == ["read"]
    wrong = target.broker_as(account_of("rooms"), "wrong")
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(wrong)


async def test_a_queue_with_other_arguments_is_named_and_left_unchanged(
    target: ProvisionTarget, channel: AbstractChannel
) -> None:
    await channel.queue_delete("rooms.queries")
    await channel.declare_queue("rooms.queries", durable=True)
    with pytest.raises(OperatorError, match=r"rooms\.queries"):
        await provision(target)
    await channel.queue_delete("rooms.queries")
    await provision(target)


async def test_a_wrong_password_is_one_sentence_without_it(target: ProvisionTarget) -> None:
    wrong = replace(target, broker_url=target.broker_as(target.administrator[0], "not-this-one"))
    with pytest.raises(OperatorError, match="refuses the account") as raised:
        await provision(wrong)
    assert "not-this-one" not in str(raised.value)


async def test_a_service_account_cannot_provision(target: ProvisionTarget) -> None:
    with pytest.raises(OperatorError, match="administrator"):
        await provision(replace(target, broker_url=broker_of(target, "rooms")))


async def test_a_server_that_is_not_there_is_one_sentence(target: ProvisionTarget) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OperatorError, match=nowhere):
            await provision(replace(target, management_url=f"http://{nowhere}"))
        with pytest.raises(OperatorError, match=nowhere):
            await provision(replace(target, database_url=f"postgresql://postgres:secret@{nowhere}/postgres"))


async def test_the_administrator_may_work_on_the_vhost(target: ProvisionTarget) -> None:
    async with management(target) as broker:
        assert await broker.has("queues", target.vhost, "rooms.commands")
        assert not await broker.has("queues", target.vhost, "no-such-queue")
