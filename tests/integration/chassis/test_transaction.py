"""A batch on a real PostgreSQL: the effect and the answer of once, all of it or nothing."""

import asyncio
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.stack.example_service import ExampleService, received
from tests.support.thorough import mostly_thorough

from practio_chassis.context import InvalidRequest, ReceivedMessage
from practio_chassis.handling.timers import Timers
from practio_contracts.answers import Refusal
from practio_contracts.message import Message
from practio_contracts.people import PersonChanged
from practio_contracts.rooms import CreateRoom


def a_command(title: str = "Heads", **attributes: Any) -> ReceivedMessage[Message]:
    return received(CreateRoom(room_id=uuid.uuid4(), title=title), **attributes)


def a_change(person_id: uuid.UUID, name: str, sequence: int) -> ReceivedMessage[Message]:
    changed = PersonChanged(
        person_id=person_id, display_name=name, email="ada@example.org", locale="en", time_zone="Europe/Rome"
    )
    return received(changed, sequence=str(sequence), subject=str(person_id), actor=None)


async def test_events_answer_and_inbox_row_are_written_together(desk: ExampleService) -> None:
    command = a_command()
    [answer] = await desk.transaction().handle([command])
    assert answer is not None
    accepted = json.loads(answer)
    assert accepted["type"] == "practio.rooms.command-accepted.v1"
    assert accepted["data"]["command_id"] == str(command.envelope.id)
    assert accepted["correlationid"] == accepted["causationid"] == str(command.envelope.id)
    rows = await desk.rows("SELECT routing_key, internal, public FROM outbox ORDER BY id")
    assert [(row.routing_key, bool(row.internal), bool(row.public)) for row in rows] == [
        ("rooms.room-drafted.v1", True, False),
        ("rooms.room-published.v1", True, True),
    ]
    assert len(await desk.rows("SELECT * FROM inbox")) == 1


async def test_private_fields_are_published_only_to_services(desk: ExampleService) -> None:
    await desk.transaction().handle([a_command()])
    [row] = await desk.rows("SELECT internal, public FROM outbox WHERE public IS NOT NULL")
    assert json.loads(row.internal)["data"]["room"]["place"] == "Rome"
    assert "place" not in json.loads(row.public)["data"]["room"]
    assert json.loads(row.internal)["id"] == json.loads(row.public)["id"]


async def test_events_of_a_restored_schema_are_numbered_from_its_restore_on(desk: ExampleService) -> None:
    async with desk.pool.begin() as connection:
        await connection.execute(text("INSERT INTO numbering VALUES (1000000)"))
    await desk.transaction().handle([a_command()])
    rows = await desk.rows("SELECT internal FROM outbox ORDER BY id")
    assert [json.loads(row.internal)["sequence"] for row in rows] == ["1000001", "1000002"]


async def test_a_message_that_comes_three_times_has_one_effect_and_one_answer(desk: ExampleService) -> None:
    command = a_command()
    first, second = await desk.transaction().handle([command, command])
    [third] = await desk.transaction().handle([command])
    assert first == second == third
    assert desk.seen == [("Heads", True)]
    assert len(await desk.rows("SELECT * FROM outbox")) == 2


async def test_a_command_with_the_id_of_an_event_is_refused_instead_of_left_without_an_answer(
    desk: ExampleService,
) -> None:
    event = a_change(uuid.uuid4(), "Ada", 1)
    command = a_command(source=event.envelope.source, id=event.envelope.id)
    await desk.transaction().handle([event])
    for _ in range(2):
        [answer] = await desk.transaction().handle([command])
        assert answer is not None
        assert json.loads(answer)["data"]["code"] == "invalid"
    assert await desk.transaction().handle([event]) == [None]
    assert await desk.rows("SELECT * FROM outbox") == []


async def test_another_account_with_the_same_id_does_not_get_the_first_ones_answer(desk: ExampleService) -> None:
    command = a_command()
    [first] = await desk.transaction().handle([command])
    [other] = await desk.transaction().handle([ReceivedMessage(command.envelope, command.message, "somebody-else")])
    assert first != other


async def test_a_batch_is_handled_in_order_even_if_messages_come_twice(desk: ExampleService) -> None:
    commands = [a_command(str(number)) for number in range(5)]
    await desk.transaction().handle([*commands, commands[0], commands[3]])
    assert [title for title, _ in desk.seen] == ["0", "1", "2", "3", "4"]


async def test_a_handler_that_raises_leaves_nothing_of_its_batch(desk: ExampleService) -> None:
    with pytest.raises(LookupError):
        await desk.transaction().handle([a_command("good"), a_command(desk.fails_on)])
    for table in ("inbox", "outbox", "noted", "timer"):
        assert await desk.rows(f"SELECT * FROM {table}") == []


async def test_two_transactions_with_the_same_message_have_one_effect(desk: ExampleService) -> None:
    command = a_command()
    done = await asyncio.gather(*(desk.transaction().handle([command]) for _ in range(4)), return_exceptions=True)
    assert any(isinstance(each, list) for each in done)
    [again] = await desk.transaction().handle([command])
    assert all(each == [again] for each in done if isinstance(each, list))
    assert len(await desk.rows("SELECT * FROM noted")) == 1


async def test_a_refusal_is_answered_and_published(desk: ExampleService) -> None:
    [answer] = await desk.transaction().handle([a_command("refused")])
    assert answer is not None
    assert json.loads(answer)["data"]["code"] == "id-taken"
    [row] = await desk.rows("SELECT * FROM outbox")
    assert (row.routing_key, row.public) == ("rooms.command-refused.v1", answer)


async def test_a_refusal_at_admission_is_published_once(desk: ExampleService) -> None:
    attributes = {"id": str(uuid.uuid4()), "source": "urn:x", "data": {"room_id": 3}}
    request = InvalidRequest(CreateRoom, attributes, "intranet", Refusal(code="invalid", detail="see errors"))
    first = await desk.transaction().handle([request])
    second = await desk.transaction().handle([request])
    assert first == second
    assert len(await desk.rows("SELECT * FROM outbox")) == 1


async def test_a_message_refused_without_a_usable_id_is_answered_too(desk: ExampleService) -> None:
    refusal = Refusal(code="invalid", detail="see errors")
    nameless = [InvalidRequest(CreateRoom, {"id": bad}, "intranet", refusal) for bad in ("", None, "\x00", 7)]
    assert all(await desk.transaction().handle(nameless))
    assert await desk.rows("SELECT * FROM inbox") == []


async def test_only_accounts_granted_it_may_act_as_the_system(desk: ExampleService) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(desk.chassis_tables.system_account.insert(), {"account": "directory"})
    answers = await desk.transaction().handle(
        [
            a_command(actor="system", account="directory"),
            a_command(actor="system"),
            a_command(actor="system", account="practio-rooms"),
        ]
    )
    codes = [json.loads(answer)["data"].get("code") for answer in answers if answer]
    assert codes == [None, "not-allowed", None]


@pytest.mark.parametrize(
    "order", mostly_thorough([(3, 2, 1), (2, 3, 1), (1, 2, 3), (3, 1, 2), (2, 1, 3), (1, 3, 2)], first=2)
)
@pytest.mark.parametrize("together", [True, False])
async def test_the_newest_event_wins_in_any_order_of_arrival(
    desk: ExampleService, order: tuple[int, ...], together: bool
) -> None:
    person_id = uuid.uuid4()
    events = [a_change(person_id, f"name {sequence}", sequence) for sequence in order]
    for batch in [events] if together else [[event] for event in events]:
        await desk.transaction().handle(batch)
    newest = [name for name, newest in desk.seen if newest]
    assert newest[-1] == "name 3"
    assert newest == sorted(newest)
    assert [row.sequence for row in await desk.rows("SELECT * FROM latest_by_account")] == [3]


async def test_a_timer_fires_once_even_with_two_copies(desk: ExampleService) -> None:
    await desk.transaction().handle([a_command()])
    copies = [Timers(tables=desk.chassis_tables, transaction=desk.transaction()) for _ in range(2)]
    assert sum(await asyncio.gather(*(copy.fire() for copy in copies))) == 1
    assert await copies[0].fire() == 0
    [row] = await desk.rows("SELECT * FROM outbox WHERE routing_key = 'membership.fill-seats.v1'")
    assert row.public is None
    assert json.loads(row.internal)["actor"] == "system"
