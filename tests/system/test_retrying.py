"""A fault is retried on a schedule and then given up with its reason; put back, the message works once (promise 6)."""

import asyncio
import json
import os
import pty

from tests.support.clients.commands import about, new_id
from tests.support.clients.operator import practio, practio_begun
from tests.support.clients.outside import COMMANDS, Outside
from tests.support.clients.scenes import REQUEST, a_published_room, accepted, asks
from tests.support.eventually import eventually
from tests.support.faults.database import a_fault
from tests.support.oracles.dead_letters import dead_letter, is_dead
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import Stack

from practio_operator.dead_letters.queues import dead_letters


async def test_a_fault_that_passes_is_healed_by_trying_again(outside: Outside, stack: Stack, ledger: Ledger) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"], times=3):
        await outside.publish(COMMANDS, event)
        await outside.hears("membership.joined.v1", person_id=person)

    await ledger.is_clean()
    assert not await is_dead(stack, event["id"])


async def test_others_are_served_while_one_message_is_tried_again(outside: Outside, stack: Stack) -> None:
    room = await a_published_room(outside, policy="open", capacity=100)
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        states = await asyncio.gather(*(accepted(asks(outside, room, new_id())) for _ in range(50)))
        await dead_letter(stack, event["id"])

    assert {state["status"] for state in states} == {"joined"}
    await practio(stack, "dead", "drop", event["id"])


async def test_what_is_given_up_tells_why_and_works_once_when_it_is_put_back(
    outside: Outside, stack: Stack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        told = await dead_letter(stack, event["id"])
    assert (told["queue"], told["reason"]) == ("membership.commands", "gave-up")
    assert "4 attempts" in told["detail"]
    [listed] = [
        each for each in json.loads(await practio(stack, "dead", "list", "--json")) if each["id"] == event["id"]
    ]
    assert listed["message"] == REQUEST

    assert json.loads(await practio(stack, "dead", "retry", event["id"], "--json")) == [event["id"]]

    await outside.hears("membership.joined.v1", person_id=person)
    await ledger.is_clean()
    assert not await is_dead(stack, event["id"])


async def test_a_message_that_dies_again_is_found_again(outside: Outside, stack: Stack) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    event = outside.envelope(REQUEST, about(room.room_id, person), actor=person)

    async with a_fault(stack, service="membership", message_id=event["id"]):
        await outside.publish(COMMANDS, event)
        await dead_letter(stack, event["id"])
        await practio(stack, "dead", "retry", event["id"])
        assert not await is_dead(stack, event["id"])
        await dead_letter(stack, event["id"])

    assert json.loads(await practio(stack, "dead", "drop", "--message", "rooms.*", "--json")) == []
    assert event["id"] in json.loads(await practio(stack, "dead", "drop", "--message", REQUEST, "--json"))
    assert not await is_dead(stack, event["id"])


async def test_what_a_dead_letter_says_of_people_is_shown_only_when_asked_for(outside: Outside, stack: Stack) -> None:
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


async def test_an_event_that_fails_is_tried_again_too(outside: Outside, stack: Stack) -> None:
    person = {"person_id": new_id(), "display_name": "Ada", "locale": "en", "time_zone": "Europe/Rome"}
    data = person | {"email": f"{person['person_id']}@example.org"}
    event = outside.envelope("people.person-registered.v1", data, subject=person["person_id"], sequence="1")
    room = await a_published_room(outside, policy="open")

    async with a_fault(stack, service="notifications", message_id=event["id"], times=2):
        await outside.publish("practio.directory", event)
        await accepted(asks(outside, room, person["person_id"]))
        await eventually(lambda: stack.mailbox.to(data["email"]), saying="the letter to Ada")


async def test_many_that_are_dropped_at_once_are_all_gone(outside: Outside, stack: Stack) -> None:
    ids = {new_id() for _ in range(100)}
    for each in ids:
        await outside.publish_raw(COMMANDS, REQUEST, b"{", id=each)
    await eventually(lambda: are_dead(stack, ids), within=30, saying="all of them among the dead letters")
    await practio(stack, "dead", "drop", "--queue", "membership.commands", "--yes")
    async with dead_letters(stack.target) as letters:
        assert not ids & {letter.id for letter in letters}


async def are_dead(stack: Stack, ids: set[str]) -> bool:
    async with dead_letters(stack.target) as letters:
        return ids <= {letter.id for letter in letters}


async def test_while_somebody_is_asked_whether_it_is_meant_others_see_the_dead_letters(
    outside: Outside, stack: Stack
) -> None:
    identity = new_id()
    await outside.publish_raw(COMMANDS, REQUEST, b"{", id=identity)
    await dead_letter(stack, identity)
    keys, typed = pty.openpty()
    asked = await practio_begun(stack, "dead", "drop", "--queue", "membership.commands", stdin=typed)
    assert asked.stderr is not None
    await asyncio.wait_for(asked.stderr.readuntil(b"Go on?"), 60)
    assert await is_dead(stack, identity)
    os.write(keys, b"y\n")
    await asked.communicate()
    assert asked.returncode == 0
    assert not await is_dead(stack, identity)


async def test_where_there_is_nothing_to_drop_nobody_is_asked(stack: Stack) -> None:
    _, typed = pty.openpty()
    asked = await practio_begun(stack, "dead", "drop", "--message", "rooms.nothing-like-it.v1", stdin=typed)
    said, _ = await asked.communicate()
    assert (asked.returncode, said.decode().strip()) == (0, "0 dropped.")
