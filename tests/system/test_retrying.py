"""A failing message is retried, then dead-lettered with its reason; put back, it works once (promise 6)."""

import asyncio
import json
import os
import pty

from tests.support.clients.actions import REQUEST, a_published_room, accepted, asks
from tests.support.clients.commands import a_person, about, new_id
from tests.support.clients.operator import practio, practio_started
from tests.support.clients.outside import COMMANDS, OutsideSystem
from tests.support.eventually import eventually
from tests.support.faults.backdoor import a_backdoor
from tests.support.faults.database import a_fault
from tests.support.oracles.dead_letters import dead_letter, is_dead
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack

from practio_operator.dead_letters.queues import dead_letters


async def test_a_transient_fault_is_healed_by_a_retry(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"], times=3):
        await outside.publish(COMMANDS, event)
        await outside.receives("membership.joined.v1", person_id=person)

    await ledger.is_clean()
    assert not await is_dead(stack, event["id"])


async def test_other_messages_are_handled_while_one_is_retried(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open", capacity=100)
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        states = await asyncio.gather(*(accepted(asks(outside, room, new_id())) for _ in range(50)))
        await dead_letter(stack, event["id"])

    assert {state["status"] for state in states} == {"joined"}
    await practio(stack, "dead", "drop", event["id"])


async def test_a_dead_letter_has_its_reason_and_works_once_when_put_back(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        letter = await dead_letter(stack, event["id"])
    assert (letter["queue"], letter["reason"]) == ("membership.commands", "gave-up")
    assert "4 attempts" in letter["detail"]
    [listed] = [
        each for each in json.loads(await practio(stack, "dead", "list", "--json")) if each["id"] == event["id"]
    ]
    assert listed["message"] == REQUEST

    assert json.loads(await practio(stack, "dead", "retry", event["id"], "--json")) == [event["id"]]

    await outside.receives("membership.joined.v1", person_id=person)
    await ledger.is_clean()
    assert not await is_dead(stack, event["id"])


async def test_a_message_dead_lettered_again_is_found_again(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        first = await dead_letter(stack, event["id"])
        await practio(stack, "dead", "retry", event["id"])
        await dead_letter(stack, event["id"], other_than=first)

    assert json.loads(await practio(stack, "dead", "drop", "--message", "rooms.*", "--json")) == []
    assert event["id"] in json.loads(await practio(stack, "dead", "drop", "--message", REQUEST, "--json"))
    assert not await is_dead(stack, event["id"])


async def test_personal_data_of_a_dead_letter_is_shown_only_on_request(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person, message="my secret"), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        await dead_letter(stack, event["id"])

    masked = await practio(stack, "dead", "show", event["id"])
    assert "my secret" not in masked
    assert person in masked
    assert "my secret" in await practio(stack, "dead", "show", event["id"], "--personal")
    await practio(stack, "dead", "drop", event["id"])


async def test_a_failing_event_is_retried_too(outside: OutsideSystem, stack: RunningStack) -> None:
    person = {"person_id": new_id(), "display_name": "Ada", "locale": "en", "time_zone": "Europe/Rome"}
    data = person | {"email": f"{person['person_id']}@example.org"}
    event = outside.envelope("people.person-registered.v1", data, subject=person["person_id"], sequence="1")
    room = await a_published_room(outside, policy="open")

    async with a_fault(stack, service="notifications", message_id=event["id"], times=2):
        await outside.publish("practio.directory", event)
        await accepted(asks(outside, room, person["person_id"]))
        await eventually(lambda: stack.mailbox.to(data["email"]), message="the letter to Ada")


async def test_a_letter_about_an_unknown_room_waits_among_the_dead_letters_and_leaves_once_the_room_is_known(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    person = a_person()
    await outside.register(person)
    room = await a_published_room(outside, policy="approval")
    async with a_backdoor(stack) as backdoor:
        await eventually(lambda: backdoor.letters_forget(room.room_id), message="notifications has known the room")
    await accepted(asks(outside, room, person["person_id"]))
    requested = await outside.receives("membership.requested.v1", person_id=person["person_id"])
    letter = await dead_letter(stack, requested["id"])
    assert (letter["queue"], letter["reason"]) == ("notifications.events", "room-unknown")
    assert room.room_id in letter["detail"]

    await practio(stack, "rebuild", "notifications")
    assert not stack.mailbox.to(person["email"])
    retried = await practio(stack, "dead", "retry", "--reason", "room-unknown", "--yes", "--json")
    assert requested["id"] in json.loads(retried)
    await eventually(lambda: stack.mailbox.to(person["email"]), message="the letter about the request")


async def test_many_dead_letters_dropped_at_once_are_all_gone(outside: OutsideSystem, stack: RunningStack) -> None:
    ids = {new_id() for _ in range(100)}
    for each in ids:
        await outside.publish_raw(COMMANDS, REQUEST, b"{", id=each)
    await eventually(lambda: are_dead(stack, ids), within=30, message="all of them among the dead letters")
    await practio(stack, "dead", "drop", "--queue", "membership.commands", "--yes")
    async with dead_letters(stack.target) as letters:
        assert not ids & {letter.id async for letter in letters}


async def are_dead(stack: RunningStack, ids: set[str]) -> bool:
    async with dead_letters(stack.target) as letters:
        return ids <= {letter.id async for letter in letters}


async def test_dead_letters_are_visible_to_others_during_a_confirmation_prompt(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    identity = new_id()
    await outside.publish_raw(COMMANDS, REQUEST, b"{", id=identity)
    await dead_letter(stack, identity)
    keys, typed = pty.openpty()
    asked = await practio_started(stack, "dead", "drop", "--queue", "membership.commands", stdin=typed)
    assert asked.stderr is not None
    await asyncio.wait_for(asked.stderr.readuntil(b"Continue?"), 60)
    await eventually(lambda: is_dead(stack, identity), message="others see it meanwhile")
    os.write(keys, b"y\n")
    await asked.communicate()
    assert asked.returncode == 0
    assert not await is_dead(stack, identity)


async def test_without_dead_letters_there_is_no_confirmation_prompt(stack: RunningStack) -> None:
    _, typed = pty.openpty()
    asked = await practio_started(stack, "dead", "drop", "--message", "rooms.nothing-like-it.v1", stdin=typed)
    output, _ = await asked.communicate()
    assert (asked.returncode, output.decode().strip()) == (0, "0 dropped.")
