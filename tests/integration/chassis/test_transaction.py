"""A batch on a real PostgreSQL: the effect and the answer of once, all of it or nothing."""

import asyncio
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.stack.handling import Desk, received

from practio_chassis.handling.timers import Timers
from practio_chassis.inbound.admission import InvalidRequest
from practio_chassis.inbound.received import ReceivedMessage
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


async def test_events_answer_and_inbox_are_kept_together(desk: Desk) -> None:
    command = a_command()
    [answer] = await desk.transaction().handle([command])
    assert answer is not None
    told = json.loads(answer)
    assert told["type"] == "practio.rooms.command-accepted.v1"
    assert told["data"]["command_id"] == str(command.envelope.id)
    assert told["correlationid"] == told["causationid"] == str(command.envelope.id)
    rows = await desk.rows("SELECT routing_key, internal, public FROM outbox ORDER BY id")
    assert [(row.routing_key, bool(row.internal), bool(row.public)) for row in rows] == [
        ("rooms.room-drafted.v1", True, False),
        ("rooms.room-published.v1", True, True),
    ]
    assert len(await desk.rows("SELECT * FROM inbox")) == 1


async def test_private_fields_are_told_to_services_alone(desk: Desk) -> None:
    await desk.transaction().handle([a_command()])
    [row] = await desk.rows("SELECT internal, public FROM outbox WHERE public IS NOT NULL")
    assert json.loads(row.internal)["data"]["room"]["place"] == "Rome"
    assert "place" not in json.loads(row.public)["data"]["room"]
    assert json.loads(row.internal)["id"] == json.loads(row.public)["id"]


async def test_events_of_a_schema_that_was_restored_are_numbered_from_its_restore_on(desk: Desk) -> None:
    async with desk.pool.begin() as connection:
        await connection.execute(text("INSERT INTO numbering VALUES (1000000)"))
    await desk.transaction().handle([a_command()])
    rows = await desk.rows("SELECT internal FROM outbox ORDER BY id")
    assert [json.loads(row.internal)["sequence"] for row in rows] == ["1000001", "1000002"]


async def test_the_same_message_three_times_has_the_effect_and_the_answer_of_once(desk: Desk) -> None:
    command = a_command()
    first, second = await desk.transaction().handle([command, command])
    [third] = await desk.transaction().handle([command])
    assert first == second == third
    assert desk.seen == [("Heads", True)]
    assert len(await desk.rows("SELECT * FROM outbox")) == 2


async def test_another_account_with_the_same_id_is_not_told_the_first_ones_answer(desk: Desk) -> None:
    command = a_command()
    [first] = await desk.transaction().handle([command])
    [other] = await desk.transaction().handle([ReceivedMessage(command.envelope, command.message, "somebody-else")])
    assert first != other


async def test_a_batch_is_handled_in_order_even_where_messages_come_twice(desk: Desk) -> None:
    wishes = [a_command(str(number)) for number in range(5)]
    await desk.transaction().handle([*wishes, wishes[0], wishes[3]])
    assert [title for title, _ in desk.seen] == ["0", "1", "2", "3", "4"]


async def test_one_that_raises_leaves_nothing_of_its_batch(desk: Desk) -> None:
    with pytest.raises(LookupError):
        await desk.transaction().handle([a_command("good"), a_command(desk.fails_on)])
    for table in ("inbox", "outbox", "noted", "timer"):
        assert await desk.rows(f"SELECT * FROM {table}") == []


async def test_two_at_once_with_the_same_message_have_the_effect_of_once(desk: Desk) -> None:
    command = a_command()
    done = await asyncio.gather(*(desk.transaction().handle([command]) for _ in range(4)), return_exceptions=True)
    assert any(isinstance(each, list) for each in done)
    [again] = await desk.transaction().handle([command])
    assert all(each == [again] for each in done if isinstance(each, list))
    assert len(await desk.rows("SELECT * FROM noted")) == 1


async def test_a_refusal_is_answered_and_published(desk: Desk) -> None:
    [answer] = await desk.transaction().handle([a_command("refused")])
    assert answer is not None
    assert json.loads(answer)["data"]["code"] == "id-taken"
    [row] = await desk.rows("SELECT * FROM outbox")
    assert (row.routing_key, row.public) == ("rooms.command-refused.v1", answer)


async def test_what_was_refused_at_the_door_is_published_once(desk: Desk) -> None:
    attributes = {"id": str(uuid.uuid4()), "source": "urn:x", "data": {"room_id": 3}}
    turned = InvalidRequest(CreateRoom, attributes, "intranet", Refusal(code="invalid", detail="see errors"))
    first = await desk.transaction().handle([turned])
    second = await desk.transaction().handle([turned])
    assert first == second
    assert len(await desk.rows("SELECT * FROM outbox")) == 1


async def test_what_was_refused_without_a_usable_id_is_answered_too(desk: Desk) -> None:
    refusal = Refusal(code="invalid", detail="see errors")
    nameless = [InvalidRequest(CreateRoom, {"id": bad}, "intranet", refusal) for bad in ("", None, "\x00", 7)]
    assert all(await desk.transaction().handle(nameless))
    assert await desk.rows("SELECT * FROM inbox") == []


async def test_system_is_believed_of_accounts_that_were_granted_it(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(desk.frame.system_account.insert(), {"account": "directory"})
    answers = await desk.transaction().handle(
        [
            a_command(actor="system", account="directory"),
            a_command(actor="system"),
            a_command(actor="system", account="practio-rooms"),
        ]
    )
    codes = [json.loads(answer)["data"].get("code") for answer in answers if answer]
    assert codes == [None, "not-allowed", None]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2), (2, 1, 3), (1, 3, 2)])
@pytest.mark.parametrize("together", [True, False])
async def test_in_whatever_order_events_come_the_newest_wins(
    desk: Desk, order: tuple[int, ...], together: bool
) -> None:
    person_id = uuid.uuid4()
    events = [a_change(person_id, f"name {sequence}", sequence) for sequence in order]
    for batch in [events] if together else [[event] for event in events]:
        await desk.transaction().handle(batch)
    newest = [name for name, newest in desk.seen if newest]
    assert newest[-1] == "name 3"
    assert newest == sorted(newest)
    assert [row.sequence for row in await desk.rows("SELECT * FROM latest")] == [3]


async def test_a_timer_fires_once_even_with_two_copies(desk: Desk) -> None:
    await desk.transaction().handle([a_command()])
    copies = [Timers(frame=desk.frame, transaction=desk.transaction()) for _ in range(2)]
    assert sum(await asyncio.gather(*(copy.fire() for copy in copies))) == 1
    assert await copies[0].fire() == 0
    [row] = await desk.rows("SELECT * FROM outbox WHERE routing_key = 'membership.fill-seats.v1'")
    assert row.public is None
    assert json.loads(row.internal)["actor"] == "system"
