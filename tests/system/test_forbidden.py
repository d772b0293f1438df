"""Forged messages are rejected by the admission check: source, type, account, reply target (promise 11)."""

import json

import pytest
from tests.contracts.made import a_message
from tests.support.clients.actions import REQUEST, OpenRoom, a_published_room, accepted, asks, roster
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, DIRECTORY, OutsideSystem
from tests.support.clients.raw_publisher import RawPublisher
from tests.support.eventually import eventually
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_contracts.pages import SYSTEM_ONLY, USES
from practio_operator.dead_letters.queues import dead_letters


async def test_a_command_without_account_is_refused_as_unidentified(outside: OutsideSystem) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    await outside.publish_raw(COMMANDS, REQUEST, json.dumps(event).encode(), id=event["id"], user_id=None)

    refusal = await outside.receives("membership.command-refused.v1", command_id=event["id"])
    assert refusal["data"]["code"] == "unidentified"
    answers = await eventually(lambda: outside.answers[event["id"]], message="the answer, which has a way of its own")
    assert answers[0]["data"]["code"] == "unidentified"


async def test_an_event_of_people_without_account_is_a_dead_letter(outside: OutsideSystem, stack: RunningStack) -> None:
    event = outside.envelope("people.person-erased.v1", {"person_id": new_id()}, subject=new_id(), sequence="1")
    body = json.dumps(event).encode()
    await outside.publish_raw(DIRECTORY, "people.person-erased.v1", body, id=event["id"], user_id=None)
    assert (await dead_letter(stack, event["id"]))["reason"] == "unidentified"


async def test_a_forged_source_is_a_dead_letter_and_gets_no_answer(outside: OutsideSystem, stack: RunningStack) -> None:
    person = new_id()
    command = outside.envelope(REQUEST, about(new_id(), person), actor=person) | {"source": "/practio/rooms"}
    await is_dead_and_unanswered(outside, stack, command)


async def test_an_internal_command_from_another_account_is_a_dead_letter(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    for name in ("fill-seats", "lapse-offer", "lapse-request"):
        data = {"room_id": new_id(), "person_id": new_id(), "membership_id": new_id()}
        wanted = {"room_id": data["room_id"]} if name == "fill-seats" else data
        async with administrator(stack) as publisher:
            forged = publisher.envelope(f"membership.{name}.v1", wanted, actor="system")
            await is_dead_and_unanswered(outside, stack, forged, publisher)


async def test_an_event_on_the_command_exchange_is_a_dead_letter(outside: OutsideSystem, stack: RunningStack) -> None:
    room = OpenRoom(new_id(), new_id())
    async with administrator(stack) as publisher:
        forged = publisher.envelope("membership.joined.v1", {"membership": {}}, subject=room.room_id) | {
            "sequence": "1"
        }
        await is_dead_and_unanswered(outside, stack, forged, publisher)


async def test_a_message_copied_by_a_header_is_a_dead_letter_everywhere(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    body, copies = json.dumps(event).encode(), {"CC": ["membership.withdraw.v1"]}
    await outside.publish_raw(COMMANDS, REQUEST, body, id=event["id"], headers=copies)

    assert (await dead_letter(stack, event["id"]))["reason"] == "misplaced"
    assert event["id"] not in outside.answers
    assert (await roster(outside, room))["seats_taken"] == 0


@pytest.mark.parametrize("target", [f"outside.{OUTSIDE}", "membership.commands", "notifications.events", "nowhere"])
async def test_an_answer_goes_only_to_the_account_that_sent_the_message(
    outside: OutsideSystem, stack: RunningStack, target: str
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    await outside.publish_raw(COMMANDS, REQUEST, json.dumps(event).encode(), id=event["id"], reply_to=target)

    await outside.receives("membership.joined.v1", person_id=person)
    await accepted(asks(outside, room, new_id()))
    assert event["id"] not in outside.answers
    assert "membership.command-accepted.v1" not in outside.events
    async with dead_letters(stack.target) as letters:  # an answer in a service's queue ends there
        assert not [letter async for letter in letters if letter.message.correlation_id == event["id"]]


async def test_an_account_acts_as_the_system_only_if_it_was_granted(outside: OutsideSystem, narrow: str) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    async with RawPublisher(narrow, source="https://narrow.example.org") as publisher:
        event = publisher.envelope(REQUEST, about(room.room_id, person), actor="system")
        await publisher.publish(COMMANDS, event)

    refusal = await outside.receives("membership.command-refused.v1", command_id=event["id"])
    assert refusal["data"]["code"] == "not-allowed"
    assert (await accepted(outside.send(REQUEST, about(room.room_id, person), actor="system")))["status"] == "joined"


async def test_pages_acts_for_people_and_never_as_the_system(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    async with RawPublisher(stack.pages_broker_url, source="https://pages.example.org") as publisher:
        forged = publisher.envelope(REQUEST, about(room.room_id, person), actor="system")
        await publisher.publish(COMMANDS, forged)
        await publisher.publish(COMMANDS, publisher.envelope(REQUEST, about(room.room_id, person), actor=person))

    refusal = await outside.receives("membership.command-refused.v1", command_id=forged["id"])
    assert refusal["data"]["code"] == "not-allowed"
    await outside.receives("membership.joined.v1", person_id=person)


async def test_a_person_is_refused_what_no_page_sends_since_only_systems_may(outside: OutsideSystem) -> None:
    for message in (each for each, use in USES.items() if use is SYSTEM_ONLY):
        data = a_message(message.routing_key).model_dump(mode="json")
        answer = await outside.send(message.routing_key, data, actor=new_id())
        assert answer["code"] == "not-allowed", message.routing_key


async def test_nobody_gets_the_answer_to_another_accounts_message(outside: OutsideSystem, narrow: str) -> None:
    room = await a_published_room(outside, policy="open", capacity=5)
    first, second, identity = new_id(), new_id(), new_id()
    await accepted(outside.send(REQUEST, about(room.room_id, first), actor=first, id=identity))

    async with RawPublisher(narrow, source=outside.source) as publisher:
        await publisher.publish(
            COMMANDS, publisher.envelope(REQUEST, about(room.room_id, second), actor=second, id=identity)
        )

    await outside.receives("membership.joined.v1", person_id=second)


async def test_private_fields_stay_among_the_services(outside: OutsideSystem) -> None:
    room = await a_published_room(outside, policy="approval")
    await accepted(asks(outside, room, new_id(), message="for the host alone"))
    event = await outside.receives("membership.requested.v1", room_id=room.room_id)
    published = await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    assert "message" not in event["data"]
    assert "answers" not in event["data"]
    assert "reason" not in event["data"]["membership"]
    assert not {"meeting_url", "place"} & set(published["data"]["room"])


def administrator(stack: RunningStack) -> RawPublisher:
    """Return the only account that the broker lets publish any key on any exchange."""
    return RawPublisher(stack.target.broker_as(*stack.target.administrator), source="urn:administrator")


async def is_dead_and_unanswered(
    outside: OutsideSystem, stack: RunningStack, event: Data, publisher: RawPublisher | None = None
) -> None:
    await (publisher or outside).publish(COMMANDS, event)
    assert (await dead_letter(stack, event["id"]))["reason"] == "misplaced"
    assert event["id"] not in outside.answers
