"""The command `practio`: sending, asking, watching, and the demo's story."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.support.clients.actions import REQUEST, WITHDRAW, a_published_room, accepted, asks
from tests.support.clients.commands import about, new_id
from tests.support.clients.operator import operator_environment, practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_contracts.links import Purpose
from practio_contracts.membership import Status
from practio_operator.demo.mail import ReadLetter
from practio_operator.demo.main_job import run_main_job
from practio_operator.demo.narrator import Narrator
from practio_operator.demo.pages import open_pages
from practio_operator.demo.sample_people import new_people

WITH_SIGINT_IGNORED = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""Starts a command as `command &` does in a shell that is not interactive."""


async def test_sending_prints_the_answer_and_a_refusal_exits_with_1(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    data = json.dumps(about(room.room_id, person))

    accepted = json.loads(await practio(stack, "send", REQUEST, "--actor", person, "--data", data, "--json"))
    refused = await practio(stack, "send", WITHDRAW, "--actor", new_id(), "--data", data, exits=1)

    assert accepted["state"]["status"] == "joined"
    assert "not-allowed" in refused


async def test_a_query_prints_the_result(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, capacity=7)
    data = json.dumps({"room_id": room.room_id})
    printed = json.loads(await practio(stack, "ask", "membership.get-roster.v1", "--data", data, "--json"))
    assert printed["result"]["capacity"] == 7


async def test_invalid_data_is_one_sentence_and_sends_no_message(stack: RunningStack) -> None:
    await practio(stack, "send", "membership.fly.v1", "--data", "{}", exits=1)
    await practio(stack, "send", REQUEST, "--data", '{"room_id": "here"}', exits=1)
    await practio(stack, "send", REQUEST, "--data", "{}", "--actor", "me", exits=1)
    await practio(stack, "dead", "retry", "nothing", exits=1)
    await practio(stack, "dead", "drop", exits=1)


async def test_a_command_that_is_only_checked_is_not_sent(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    data = json.dumps(about(room.room_id, person))
    assert json.loads(await practio(stack, "send", REQUEST, "--data", data, "--check", "--json"))["fits"] is True
    await practio(stack, "send", REQUEST, "--data", '{"room_id": "here"}', "--check", exits=1)
    data = json.dumps({"room_id": room.room_id, "person_id": person})
    printed = json.loads(await practio(stack, "ask", "membership.get-membership.v1", "--data", data, "--json"))
    assert printed["result"]["membership"] is None


async def test_watching_prints_events_as_they_are_published_and_consumes_none(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    watching = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("practio")), "watch", "--type", "rooms.#", "--json"),
        env=os.environ | operator_environment(stack),
        stdout=asyncio.subprocess.PIPE,
    )
    assert watching.stdout is not None
    line = asyncio.create_task(watching.stdout.readline())

    await eventually(lambda: is_seen_after_a_room_opens(outside, line), within=30, message="an event was watched")

    watching.send_signal(signal.SIGINT)
    assert await ended(watching) == 0
    event = json.loads(await line)
    assert event["type"] == "practio.rooms.room-published.v1"
    await outside.receives("rooms.room-published.v1", room_id=event["subject"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_watching_in_the_background_ends_on_a_signal(
    outside: OutsideSystem, stack: RunningStack, number: signal.Signals
) -> None:
    watching = await asyncio.create_subprocess_exec(
        *(*WITH_SIGINT_IGNORED, str(Path(sys.executable).with_name("practio")), "watch", "--type", "rooms.#", "--json"),
        env=os.environ | operator_environment(stack),
        stdout=asyncio.subprocess.PIPE,
    )
    assert watching.stdout is not None
    line = asyncio.create_task(watching.stdout.readline())
    await eventually(lambda: is_seen_after_a_room_opens(outside, line), within=30, message="an event was watched")
    watching.send_signal(number)
    assert await ended(watching) == 0


async def ended(process: asyncio.subprocess.Process) -> int:
    """Return the exit code; fail if the process does not end within 20 seconds."""
    try:
        return await asyncio.wait_for(process.wait(), timeout=20)
    finally:
        if process.returncode is None:
            process.kill()


async def is_seen_after_a_room_opens(outside: OutsideSystem, line: asyncio.Task[bytes]) -> bool:
    await a_published_room(outside)
    return line.done()


async def test_watching_one_room_ignores_all_others(outside: OutsideSystem, stack: RunningStack) -> None:
    room = await a_published_room(outside, policy="open")
    watching = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("practio")), "watch", "--about", room.room_id, "--json"),
        env=os.environ | operator_environment(stack),
        stdout=asyncio.subprocess.PIPE,
    )
    assert watching.stdout is not None
    line = asyncio.create_task(watching.stdout.readline())

    async def is_seen() -> bool:
        await a_published_room(outside)
        await accepted(asks(outside, room, new_id()))
        return line.done()

    await eventually(is_seen, within=30, message="an event of the room was watched")
    watching.send_signal(signal.SIGTERM)
    assert await ended(watching) == 0
    assert room.room_id in (await line).decode()


async def test_the_demo_ends_with_three_seats_taken_and_one_person_waiting_and_on_the_pages_of_both_sides(
    stack: RunningStack,
) -> None:
    cast = new_people()
    async with Narrator.open(stack.outside_url, f"outside.{OUTSIDE}") as stage:
        roster = await run_main_job(stage, cast)
    assert (roster.seats_taken, roster.seats_held) == (3, 0)
    assert [entry.membership.status for entry in roster.entries] == [Status.JOINED] * 3 + [Status.WAITLISTED]
    assert roster.entries[-1].membership.person_id == cast.guests[-1].id
    desk, way = open_pages([as_read(letter) for letter in stack.mailbox.letters], cast)
    assert (desk.person, way.person) == (cast.host, cast.follower)
    assert (purpose_of(stack, desk.address), purpose_of(stack, way.address)) == (Purpose.DESK, Purpose.WAY)
    assert cast.room().title in desk.title


def as_read(letter: ReceivedLetter) -> ReadLetter:
    """Return a letter as the demo reads it from a mail catcher."""
    return ReadLetter(
        sender=str(letter.message["From"]),
        to=str(letter.message["To"]),
        addresses=frozenset({letter.to}),
        subject=letter.subject,
        text=letter.text,
        arrived="",
    )


def purpose_of(stack: RunningStack, address: str) -> Purpose:
    """Return for which purpose a link was signed."""
    _, purpose, token = address.rsplit("/", 2)
    return stack.links.read(token, Purpose(purpose)).purpose
