"""Nobody says, hears or touches what is not theirs: each forbidden act is tried (promise 11)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import asyncpg
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel
from tests.support.dead import dead_letter
from tests.support.outside import COMMANDS, DIRECTORY, Outside
from tests.support.scenes import REQUEST, OpenRoom, a_published_room, accepted, asks, roster
from tests.support.stack import OUTSIDE, Stack
from tests.support.voice import Voice
from tests.support.wishes import Data, about, new_id

from practio_operator.accounts import add_publisher, remove_publisher

SERVICES = ("rooms", "membership", "notifications")
REFUSED = (aio_pika.exceptions.ChannelClosed, aio_pika.exceptions.ChannelInvalidStateError)


@pytest_asyncio.fixture
async def narrow(stack: Stack) -> AsyncIterator[str]:
    """Give the URL of an account that may only withdraw people, and not as the system."""
    password = new_id()
    may = ["membership.withdraw.v1", "membership.request-to-join.v1"]
    await add_publisher(stack.target, "narrow", password, may=may, listen=["membership.joined.v1"])
    yield stack.target.broker_as("narrow", password)
    await remove_publisher(stack.target, "narrow")


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        ("practio.events", "membership.joined.v1"),
        ("practio.internal", "membership.joined.v1"),
        ("practio.internal", "membership.fill-seats.v1"),
        ("practio.dead", "membership.commands.dead"),
        ("practio.unrouted", "membership.joined.v1"),
        ("practio.directory", "rooms.room-published.v1"),
        ("practio.commands", "people.person-registered.v1"),
        ("", "membership.commands"),
        ("", "membership.events"),
    ],
)
async def test_the_server_refuses_an_outside_account_what_is_not_its_to_say(
    stack: Stack, exchange: str, routing_key: str
) -> None:
    await is_refused(stack.outside_url, lambda channel: says(channel, exchange, routing_key))


@pytest.mark.parametrize("routing_key", ["membership.approve-request.v1", "rooms.create-room.v1"])
async def test_the_server_refuses_an_account_a_wish_that_it_was_not_granted(narrow: str, routing_key: str) -> None:
    await is_refused(narrow, lambda channel: says(channel, COMMANDS, routing_key))


async def test_the_server_refuses_to_speak_in_the_name_of_another_account(stack: Stack) -> None:
    await is_refused(stack.outside_url, lambda channel: says(channel, COMMANDS, REQUEST, user_id="practio-rooms"))


async def test_the_server_refuses_an_outside_account_every_queue_exchange_and_binding(stack: Stack) -> None:
    url = stack.outside_url
    await is_refused(url, lambda channel: channel.declare_queue("mine"))
    await is_refused(url, lambda channel: channel.declare_queue(exclusive=True))
    await is_refused(url, lambda channel: channel.declare_exchange("mine"))
    await is_refused(url, binds_more)
    for queue in ("membership.commands", "membership.commands.dead", "notifications.events", "practio.unrouted"):
        await is_refused(url, lambda channel, queue=queue: reads(channel, queue))


@pytest.mark.parametrize("service", SERVICES)
async def test_the_server_keeps_a_service_to_its_own_queues_and_facts(stack: Stack, service: str) -> None:
    url = stack.target.broker_of(service)
    await is_refused(url, lambda channel: channel.declare_queue("mine"))
    for other in SERVICES:
        if other != service:
            await is_refused(url, lambda channel, other=other: reads(channel, f"{other}.commands"))
            await is_refused(url, lambda channel, other=other: reads(channel, f"{other}.events"))
            fact = f"{other}.command-refused.v1"
            await is_refused(url, lambda channel, fact=fact: says(channel, "practio.events", fact))
            await is_refused(url, lambda channel, fact=fact: says(channel, "practio.internal", fact))


@pytest.mark.parametrize("service", SERVICES)
async def test_the_database_keeps_a_service_to_its_own_schema(stack: Stack, service: str) -> None:
    connection = await asyncpg.connect(stack.target.database_of(service))
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


async def test_history_cannot_be_altered_even_by_its_own_service(outside: Outside, stack: Stack) -> None:
    room = await a_published_room(outside, policy="open")
    await accepted(asks(outside, room, new_id()))
    connection = await asyncpg.connect(stack.target.database_of("membership"))
    try:
        for act in ("UPDATE history SET fact = ''", "DELETE FROM history", "TRUNCATE history"):
            with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
                await connection.execute(act)
    finally:
        await connection.close()


async def test_a_wish_without_account_is_refused_as_unidentified(outside: Outside) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    await outside.publish_raw(COMMANDS, REQUEST, json.dumps(event).encode(), id=event["id"], user_id=None)

    refusal = await outside.hears("membership.command-refused.v1", command_id=event["id"])
    assert refusal["data"]["code"] == "unidentified"
    assert outside.answers[event["id"]][0]["data"]["code"] == "unidentified"


async def test_a_fact_of_people_without_account_is_a_dead_letter(outside: Outside, stack: Stack) -> None:
    event = outside.envelope("people.person-erased.v1", {"person_id": new_id()}, subject=new_id(), sequence="1")
    body = json.dumps(event).encode()
    await outside.publish_raw(DIRECTORY, "people.person-erased.v1", body, id=event["id"], user_id=None)
    assert (await dead_letter(stack, event["id"]))["reason"] == "unidentified"


async def test_a_source_of_ours_from_an_outside_account_is_a_dead_letter_and_gets_no_answer(
    outside: Outside, stack: Stack
) -> None:
    person = new_id()
    wish = outside.envelope(REQUEST, about(new_id(), person), actor=person) | {"source": "/practio/rooms"}
    await is_dead_and_unanswered(outside, stack, wish)


async def test_a_wish_that_a_service_says_to_itself_is_a_dead_letter_from_anybody_else(
    outside: Outside, stack: Stack
) -> None:
    for name in ("fill-seats", "lapse-offer", "lapse-request"):
        data = {"room_id": new_id(), "person_id": new_id(), "membership_id": new_id()}
        wanted = {"room_id": data["room_id"]} if name == "fill-seats" else data
        await is_dead_and_unanswered(outside, stack, outside.envelope(f"membership.{name}.v1", wanted, actor="system"))


async def test_a_fact_on_the_exchange_of_wishes_is_a_dead_letter(outside: Outside, stack: Stack) -> None:
    room = OpenRoom(new_id(), new_id())
    forged = outside.envelope("membership.joined.v1", {"membership": {}}, subject=room.room_id) | {"sequence": "1"}
    await is_dead_and_unanswered(outside, stack, forged)


async def test_a_copy_by_header_is_a_dead_letter_wherever_it_arrives(outside: Outside, stack: Stack) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    body, copies = json.dumps(event).encode(), {"CC": ["membership.withdraw.v1"]}
    await outside.publish_raw(COMMANDS, REQUEST, body, id=event["id"], headers=copies)

    assert (await dead_letter(stack, event["id"]))["reason"] == "misplaced"
    assert event["id"] not in outside.answers
    assert (await roster(outside, room))["seats_taken"] == 0


@pytest.mark.parametrize("target", [f"outside.{OUTSIDE}", "membership.commands", "notifications.events", "nowhere"])
async def test_an_answer_goes_nowhere_but_to_whoever_asked(outside: Outside, target: str) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    await outside.publish_raw(COMMANDS, REQUEST, json.dumps(event).encode(), id=event["id"], reply_to=target)

    await outside.hears("membership.joined.v1", person_id=person)
    await accepted(asks(outside, room, new_id()))
    assert event["id"] not in outside.answers
    assert "membership.command-accepted.v1" not in outside.facts


async def test_an_account_speaks_for_the_system_only_where_it_was_granted(outside: Outside, narrow: str) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    async with Voice(narrow, source="https://narrow.example.org") as voice:
        event = voice.envelope(REQUEST, about(room.room_id, person), actor="system")
        await voice.publish(COMMANDS, event)

    refusal = await outside.hears("membership.command-refused.v1", command_id=event["id"])
    assert refusal["data"]["code"] == "not-allowed"
    assert (await accepted(outside.wish(REQUEST, about(room.room_id, person), actor="system")))["status"] == "joined"


async def test_nobody_gets_the_answer_to_another_accounts_message(outside: Outside, narrow: str) -> None:
    room = await a_published_room(outside, policy="open", capacity=5)
    first, second, identity = new_id(), new_id(), new_id()
    await accepted(outside.wish(REQUEST, about(room.room_id, first), actor=first, id=identity))

    async with Voice(narrow, source=outside.source) as voice:
        await voice.publish(COMMANDS, voice.envelope(REQUEST, about(room.room_id, second), actor=second, id=identity))

    await outside.hears("membership.joined.v1", person_id=second)


async def test_private_fields_stay_among_the_services(outside: Outside) -> None:
    room = await a_published_room(outside, policy="approval")
    await accepted(asks(outside, room, new_id(), message="for the host alone"))
    fact = await outside.hears("membership.requested.v1", room_id=room.room_id)
    published = await outside.hears("rooms.room-published.v1", room_id=room.room_id)
    assert "message" not in fact["data"]
    assert "answers" not in fact["data"]
    assert "reason" not in fact["data"]["membership"]
    assert not {"meeting_url", "place"} & set(published["data"]["room"])


async def is_dead_and_unanswered(outside: Outside, stack: Stack, event: Data) -> None:
    await outside.publish(COMMANDS, event)
    assert (await dead_letter(stack, event["id"]))["reason"] == "misplaced"
    assert event["id"] not in outside.answers


async def is_refused(url: str, act: Any) -> None:
    """Do something on a channel of its own, and see the server close it."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        with pytest.raises(REFUSED):
            async with asyncio.timeout(10):
                await act(channel)


async def says(channel: AbstractChannel, exchange: str, routing_key: str, **properties: Any) -> None:
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await target.publish(aio_pika.Message(b"{}", **properties), routing_key)


async def reads(channel: AbstractChannel, name: str) -> None:
    queue = await channel.get_queue(name, ensure=False)
    await queue.get(fail=False)


async def binds_more(channel: AbstractChannel) -> None:
    queue = await channel.get_queue(f"outside.{OUTSIDE}", ensure=False)
    await queue.bind("practio.internal", "#")
