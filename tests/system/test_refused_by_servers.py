"""No account publishes, receives or touches what it may not: broker and database refuse it (promise 11)."""

import asyncio
from functools import partial
from typing import Any

import aio_pika
import asyncpg
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed
from tests.support.clients.actions import REQUEST, a_published_room, accepted, asks
from tests.support.clients.commands import new_id
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.stack.logins import broker_of, database_of
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_contracts.catalogue import exchange_of
from practio_contracts.notifications import ReportBounce
from practio_contracts.pages import USES

SERVICES = ("rooms", "membership", "notifications")
REFUSED, FORGED = ChannelAccessRefused, ChannelPreconditionFailed
"""RabbitMQ's errors for a forbidden action, and for a ``user_id`` of another account."""


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        ("practio.events", "membership.joined.v1"),
        ("practio.internal", "membership.joined.v1"),
        ("practio.internal", "membership.events-for-rooms.v1"),
        ("practio.internal", "membership.fill-seats.v1"),
        ("practio.dead", "membership.commands.dead"),
        ("practio.unrouted", "membership.joined.v1"),
        ("practio.directory", "rooms.room-published.v1"),
        ("practio.commands", "people.person-registered.v1"),
        ("", "membership.commands"),
        ("", "membership.events"),
    ],
)
async def test_the_server_refuses_messages_that_an_outside_account_may_not_publish(
    stack: RunningStack, exchange: str, routing_key: str
) -> None:
    await is_refused(stack.outside_url, lambda channel: publishes(channel, exchange, routing_key))


@pytest.mark.parametrize("routing_key", ["membership.approve-request.v1", "rooms.create-room.v1"])
async def test_the_server_refuses_a_command_that_was_not_granted(narrow: str, routing_key: str) -> None:
    await is_refused(narrow, lambda channel: publishes(channel, COMMANDS, routing_key))


async def test_the_server_refuses_a_user_id_of_another_account(stack: RunningStack) -> None:
    forging = {"user_id": "practio-rooms"}
    await is_refused(stack.outside_url, lambda channel: publishes(channel, COMMANDS, REQUEST, **forging), FORGED)


async def test_the_server_refuses_an_outside_account_every_queue_exchange_and_binding(stack: RunningStack) -> None:
    url = stack.outside_url
    await is_refused(url, lambda channel: channel.declare_queue("mine"))
    await is_refused(url, lambda channel: channel.declare_queue(exclusive=True))
    await is_refused(url, lambda channel: channel.declare_exchange("mine"))
    await is_refused(url, binds_more)
    for queue in ("membership.commands", "membership.commands.dead", "notifications.events", "practio.unrouted"):
        await is_refused(url, lambda channel, queue=queue: reads(channel, queue))


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        ("practio.commands", "membership.request-to-join.v2"),
        ("practio.directory", "people.person-changed.v1"),
        ("practio.directory", "people.person-erased.v1"),
        ("practio.events", "membership.joined.v1"),
        ("practio.internal", "membership.fill-seats.v1"),
        ("", "membership.commands"),
    ],
)
async def test_the_server_refuses_pages_other_exchanges_and_versions(
    stack: RunningStack, exchange: str, routing_key: str
) -> None:
    await is_refused(stack.pages_broker_url, lambda channel: publishes(channel, exchange, routing_key))


async def test_the_server_refuses_commands_and_queries_that_no_page_sends(stack: RunningStack) -> None:
    unsent = [message for message, use in USES.items() if not use.pages]
    assert ReportBounce in unsent
    for message in unsent:
        publish = partial(publishes, exchange=exchange_of(message), routing_key=message.routing_key)
        await is_refused(stack.pages_broker_url, publish)


async def test_the_server_refuses_pages_every_queue_exchange_and_binding(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    url = stack.pages_broker_url
    await is_refused(url, lambda channel: channel.declare_queue("mine"))
    await is_refused(url, lambda channel: channel.declare_exchange("mine"))
    await is_refused(url, lambda channel: binds_more(channel, "outside.pages"))
    for queue in ("membership.commands", "notifications.events", f"outside.{OUTSIDE}"):
        await is_refused(url, lambda channel, queue=queue: reads(channel, queue))
    room = await a_published_room(outside, policy="open")
    await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    async with await aio_pika.connect(url) as connection:
        mine = await (await connection.channel()).get_queue("outside.pages", ensure=False)
        assert await mine.get(fail=False) is None


@pytest.mark.parametrize("service", SERVICES)
async def test_the_server_limits_a_service_to_its_own_queues_and_events(stack: RunningStack, service: str) -> None:
    url = broker_of(stack.target, service)
    await is_refused(url, lambda channel: channel.declare_queue("mine"))
    for other in SERVICES:
        if other != service:
            await is_refused(url, lambda channel, other=other: reads(channel, f"{other}.commands"))
            await is_refused(url, lambda channel, other=other: reads(channel, f"{other}.events"))
            event = f"{other}.command-refused.v1"
            await is_refused(url, lambda channel, event=event: publishes(channel, "practio.events", event))
            await is_refused(url, lambda channel, event=event: publishes(channel, "practio.internal", event))


@pytest.mark.parametrize("service", SERVICES)
async def test_the_database_limits_a_service_to_its_own_schema(stack: RunningStack, service: str) -> None:
    connection = await asyncpg.connect(database_of(stack.target, service))
    try:
        assert await connection.fetchval("SELECT count(*) FROM inbox") is not None
        for other in SERVICES:
            if other != service:
                for act in (f"SELECT * FROM {other}.inbox", f"DELETE FROM {other}.outbox", f"TABLE {other}.timer"):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.execute(act)
        for act in ("CREATE TABLE mine ()", "CREATE TABLE public.mine ()", "DROP TABLE inbox", "CREATE SCHEMA mine"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(act)
    finally:
        await connection.close()


async def test_history_cannot_be_altered_even_by_its_own_service(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open")
    await accepted(asks(outside, room, new_id()))
    connection = await asyncpg.connect(database_of(stack.target, "membership"))
    try:
        for act in ("UPDATE history SET fact = ''", "DELETE FROM history", "TRUNCATE history"):
            with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
                await connection.execute(act)
    finally:
        await connection.close()


async def is_refused(url: str, act: Any, refusal: type[Exception] = REFUSED) -> None:
    """Do something on a channel of its own, and see the server close it."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        with pytest.raises(refusal):
            async with asyncio.timeout(10):
                await act(channel)


async def publishes(channel: AbstractChannel, exchange: str, routing_key: str, **properties: Any) -> None:
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await target.publish(aio_pika.Message(b"{}", **properties), routing_key)


async def reads(channel: AbstractChannel, name: str) -> None:
    queue = await channel.get_queue(name, ensure=False)
    await queue.get(fail=False)


async def binds_more(channel: AbstractChannel, name: str = f"outside.{OUTSIDE}") -> None:
    queue = await channel.get_queue(name, ensure=False)
    await queue.bind("practio.internal", "#")
