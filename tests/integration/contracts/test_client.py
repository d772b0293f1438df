"""The client against a real broker and a service that answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from uuid import UUID, uuid4

import aio_pika
import pytest
from tests.integration.contracts.vhost import QUEUE, ContractVhost, an_echo, answer_message
from tests.support.eventually import eventually
from tests.support.stack.servers import Servers

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.catalogue import EVENTS
from practio_contracts.client import (
    Client,
    NoAnswerError,
    NotAllowedError,
    NotConfirmedError,
    UnreachableError,
)
from practio_contracts.envelope import CONTENT_TYPE, Envelope, write
from practio_contracts.membership import AcceptOffer, RequestToJoin
from practio_contracts.people import PersonErased
from practio_contracts.rooms import CloseRoom, GetRoom

ADA = uuid4()


def a_command(message: str | None = None) -> RequestToJoin:
    return RequestToJoin(room_id=uuid4(), person_id=ADA, message=message)


@asynccontextmanager
async def a_client(vhost: ContractVhost) -> AsyncIterator[Client]:
    async with Client.connect(vhost.outside_url, source="urn:example:intranet") as client:
        yield client


async def an_event(vhost: ContractVhost, room_id: UUID) -> None:
    """Publish a room's occupancy on ``practio.events``."""
    event = answer_message(
        "membership.occupancy-changed.v1",
        room_id=str(room_id),
        capacity=3,
        seats_taken=1,
        seats_held=0,
        waiting=0,
        pending=0,
        by_role={},
    )
    await publish(vhost, "membership.occupancy-changed.v1", write(event))


async def publish(vhost: ContractVhost, key: str, body: bytes) -> None:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        exchange = await (await connection.channel()).get_exchange(EVENTS, ensure=False)
        await exchange.publish(aio_pika.Message(body, content_type=CONTENT_TYPE, delivery_mode=2), key)


async def emptied(vhost: ContractVhost, queue: str) -> None:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        await (await (await connection.channel()).get_queue(queue, ensure=False)).purge()


async def test_a_command_gets_its_answer(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_client(vhost) as client:
        command = a_command()
        answer = await client.send(command, actor=ADA)
    assert isinstance(answer, CommandAccepted)
    assert answer.command_type == "practio.membership.request-to-join.v1"
    assert answer.state["room_id"] == str(command.room_id)


async def test_a_refusal_is_a_value(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_client(vhost) as client:
        answer = await client.send(a_command("refuse me"), actor=ADA)
    assert isinstance(answer, CommandRefused)
    assert (answer.code, answer.detail) == ("room-not-open", "The room is closed.")


async def test_a_query_gets_its_answer(vhost: ContractVhost) -> None:
    room_id = uuid4()
    async with an_echo(vhost), a_client(vhost) as client:
        answer = await client.ask(GetRoom(room_id=room_id), actor="system")
    assert answer.result == {"room_id": str(room_id)}


async def test_a_query_expires_once_nobody_waits_for_its_answer_and_a_command_never_does(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_client(vhost) as client:
        await client.ask(GetRoom(room_id=uuid4()), actor="system", within=17.5)
        await client.send(a_command(), actor=ADA, within=17.5)
        await client.publish(a_command(), actor=ADA, within=17.5)
        await eventually(lambda: len(echo.received) == 3)
    assert [each.properties.expiration for each in echo.received] == ["17500", None, None]


async def test_two_hundred_answers_in_another_order_each_reach_their_caller(vhost: ContractVhost) -> None:
    commands = [a_command() for _ in range(200)]
    async with an_echo(vhost, together=50), a_client(vhost) as client:
        answers = await asyncio.gather(*(client.send(command, actor=ADA) for command in commands))
    raised = [answer.state["room_id"] for answer in answers if isinstance(answer, CommandAccepted)]
    assert raised == [str(command.room_id) for command in commands]


async def test_a_command_sent_without_waiting_is_persistent_and_names_its_account(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_client(vhost) as client:
        command_id = await client.publish(a_command(), actor=ADA, correlation="onboarding-7")
        await eventually(lambda: command_id in echo.ids)
    message = echo.received[-1]
    assert (message.user_id, message.delivery_mode, message.content_type) == ("intranet", 2, CONTENT_TYPE)
    assert message.reply_to is None
    assert b'"correlationid":"onboarding-7"' in message.body


async def test_a_message_without_a_queue_is_not_confirmed(vhost: ContractVhost) -> None:
    async with a_client(vhost) as client:
        with pytest.raises(
            NotConfirmedError, match=r"no queue is bound for people\.person-erased\.v1 on practio\.directory"
        ):
            await client.publish_event(PersonErased(person_id=ADA), sequence=4)


async def test_a_message_that_is_not_granted_is_refused_and_harms_no_other(vhost: ContractVhost) -> None:
    async with an_echo(vhost, together=20), a_client(vhost) as client:
        forbidden = client.send(CloseRoom(room_id=uuid4()), actor=ADA)
        outcomes = await asyncio.gather(
            *(client.send(a_command(), actor=ADA) for _ in range(20)), forbidden, return_exceptions=True
        )
    *granted, refused = outcomes
    assert isinstance(refused, NotAllowedError)
    assert "rooms.close-room.v1" in str(refused)
    assert [answer for answer in granted if not isinstance(answer, CommandAccepted)] == []


async def test_a_missing_answer_raises_a_timeout_and_the_client_works_on(vhost: ContractVhost) -> None:
    async with an_echo(vhost, silent=1), a_client(vhost) as client:
        with pytest.raises(NoAnswerError, match=r"request-to-join.* within 0\.3 s"):
            await client.send(a_command(), actor=ADA, within=0.3)
        assert isinstance(await client.send(a_command(), actor=ADA), CommandAccepted)


async def test_a_dead_broker_or_a_wrong_password_is_one_clear_sentence(vhost: ContractVhost) -> None:
    for url in (vhost.outside_url.replace("s3cret", "wrong"), "amqp://intranet:s3cret@127.0.0.1:1/practio"):
        with pytest.raises(UnreachableError, match=r"the broker at 127\.0\.0\.1:\d+ cannot be reached: .") as raised:
            async with Client.connect(url, source="urn:example:intranet"):
                pass
        assert "s3cret" not in str(raised.value)
        assert "wrong" not in str(raised.value)


async def test_an_unacknowledged_event_is_redelivered(vhost: ContractVhost) -> None:
    first, second = uuid4(), uuid4()
    await an_event(vhost, first)
    await an_event(vhost, second)
    async with a_client(vhost) as client:
        async with aclosing(client.watch()) as events:
            assert (await anext(events)).data.room_id == first
            assert (await anext(events)).data.room_id == second
        async with aclosing(client.watch()) as events:
            assert (await anext(events)).data.room_id == second
    await emptied(vhost, QUEUE)


async def test_an_event_of_a_later_version_is_skipped(vhost: ContractVhost) -> None:
    room_id = uuid4()
    await publish(vhost, "membership.joined.v9", b'{"type": "practio.membership.joined.v9"}')
    await an_event(vhost, room_id)
    async with a_client(vhost) as client, aclosing(client.watch()) as events:
        assert (await anext(events)).data.room_id == room_id
    await emptied(vhost, QUEUE)


async def test_a_foreign_queue_cannot_be_watched(vhost: ContractVhost) -> None:
    async with a_client(vhost) as client, aclosing(client.watch("echo")) as events:
        with pytest.raises(NotAllowedError, match="the queue echo cannot be read"):
            await anext(events)


async def test_a_deleted_queue_ends_the_watch(vhost: ContractVhost) -> None:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        queue = await (await connection.channel()).declare_queue("soon gone", durable=True)
        async with (
            Client.connect(vhost.admin_url, source="urn:example:admin", queue="soon gone") as client,
            aclosing(client.watch()) as events,
        ):
            first: asyncio.Task[Envelope] = asyncio.create_task(anext(events))
            await eventually(lambda: queue_has_reader(vhost, "soon gone"))
            await queue.delete(if_unused=False)
            with pytest.raises(NotAllowedError, match="no queue 'soon gone'"):
                await asyncio.wait_for(first, 15)


async def queue_has_reader(vhost: ContractVhost, name: str) -> bool:
    async with await aio_pika.connect(vhost.admin_url) as connection:
        found = await (await connection.channel()).declare_queue(name, passive=True)
        return bool(found.declaration_result.consumer_count)


@pytest.mark.thorough
async def test_the_client_works_on_after_a_restart_of_the_broker(vhost: ContractVhost, servers: Servers) -> None:
    async with AsyncExitStack() as stack:
        echo = await stack.enter_async_context(an_echo(vhost, silent=30))
        client = await stack.enter_async_context(a_client(vhost))
        events = await stack.enter_async_context(aclosing(client.watch()))
        next_event = asyncio.create_task(anext(events))
        commands = [
            asyncio.create_task(client.send(AcceptOffer(room_id=uuid4(), person_id=ADA), actor=ADA, within=120))
            for _ in range(30)
        ]
        await eventually(lambda: len(echo.received) == 30)
        await asyncio.to_thread(servers.broker.stop)
        in_the_dark = asyncio.create_task(client.publish(a_command(), actor=ADA, within=120))
        with pytest.raises(NoAnswerError, match="no confirmation of"):
            await client.publish(a_command(), actor=ADA, within=0.2)
        await servers.broker.start()
        answers = await asyncio.gather(*commands)
        await in_the_dark
        await an_event(vhost, room_id := uuid4())
        assert (await next_event).data.room_id == room_id
    assert all(isinstance(answer, CommandAccepted) for answer in answers)
    assert sorted(echo.ids.values()) == [1] + [2] * 30
    await emptied(vhost, QUEUE)


async def test_confirmed_messages_survive_a_broker_killed_under_load(vhost: ContractVhost, servers: Servers) -> None:
    confirmed: list[UUID] = []

    async def keep_sending(client: Client) -> None:
        while True:
            confirmed.append(await client.publish(a_command(), actor=ADA, within=120))

    async with an_echo(vhost) as echo, a_client(vhost) as client, asyncio.TaskGroup() as group:
        senders = [group.create_task(keep_sending(client)) for _ in range(50)]
        await eventually(lambda: len(confirmed) > 500)
        await asyncio.to_thread(servers.broker.kill)
        before = len(confirmed)
        await servers.broker.start()
        await eventually(lambda: len(confirmed) > before + 500, within=60)
        for each in senders:
            each.cancel()
        await eventually(lambda: all(command_id in echo.ids for command_id in confirmed), within=60)
