"""Links in letters, over real SMTP: each reads back as its reader's own, for one purpose; nothing else tells of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from tests.support.clients.commands import new_id
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import a_known_person, a_published_room, accepted, asks
from tests.support.eventually import eventually
from tests.support.stack.mailbox import Letter
from tests.support.stack.running import Stack
from tests.system.test_letters import letter_to

from practio_contracts.links import Link, Purpose

ADDRESS = re.compile(r"https?://[^/\s<>]+/(way|queue|rooms|preferences|stop)/([\w.-]+)")


def links_in(stack: Stack, text: str) -> Iterator[Link]:
    """Give every link in a text, read as pages reads it."""
    for purpose, token in ADDRESS.findall(text):
        yield stack.links.read(token, Purpose(purpose))


def told(links: Iterator[Link]) -> list[tuple[Purpose, str, str | None, str | None]]:
    """Give purpose, person, room and category of links."""
    return [
        (link.purpose, str(link.person_id), str(link.room_id) if link.room_id else None, link.category)
        for link in links
    ]


def tokens_in(letter: Letter) -> set[str]:
    return {token for _, token in ADDRESS.findall(letter.text)}


async def test_letters_lead_each_reader_to_their_own_pages(outside: Outside, stack: Stack) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    await accepted(asks(outside, room, person))

    asked = await letter_to(outside, stack, person, "requested")
    assert told(links_in(stack, asked.text)) == [(Purpose.WAY, person, room.room_id, None)]
    assert "List-Unsubscribe" not in asked.message

    to_decide = await letter_to(outside, stack, host, "request-to-decide")
    stop = (Purpose.STOP, host, None, "digest")
    assert told(links_in(stack, to_decide.text)) == [
        (Purpose.QUEUE, host, room.room_id, None),
        (Purpose.PREFERENCES, host, None, None),
        stop,
    ]
    assert told(links_in(stack, to_decide.message["List-Unsubscribe"])) == [stop]

    log = stack.services["notifications"].process.log
    letters = [asked, to_decide]
    await eventually(lambda: all(id_of(letter) in read(log) for letter in letters), saying="a log of both letters")
    assert not [token for letter in letters for token in tokens_in(letter) if token in read(log)]


def id_of(letter: Letter) -> str:
    return letter.message_id.strip("<>").split("@")[0]


def read(log: Path) -> str:
    return log.read_text(encoding="utf-8")


async def test_a_link_that_is_asked_for_comes_to_whose_address_it_is(outside: Outside, stack: Stack) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside)
    await outside.hears("rooms.room-published.v1", room_id=room.room_id)
    await letter_of_other_room(outside, stack, person)
    email, nobody = outside.people[person]["email"], f"{new_id()}@example.org"
    command, actor = "notifications.send-link.v1", new_id()
    answers = [
        await outside.send(command, {"email": asked, "room_id": room.room_id}, actor=actor) for asked in (email, nobody)
    ]
    assert [(answer["changed"], answer["state"]) for answer in answers] == [
        (True, {"email": email}),
        (True, {"email": nobody}),
    ]
    letter = await letter_to(outside, stack, person, "link")
    assert told(links_in(stack, letter.text)) == [(Purpose.WAY, person, room.room_id, None)]
    assert "List-Unsubscribe" not in letter.message


async def letter_of_other_room(outside: Outside, stack: Stack, person: str) -> None:
    """Wait until notifications knows a person's address: a letter came."""
    other = await a_published_room(outside, policy="open")
    await accepted(asks(outside, other, person))
    await letter_to(outside, stack, person, "joined")


async def test_people_in_a_room_learn_who_hosts_it(outside: Outside, stack: Stack) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    await accepted(asks(outside, room, person))
    await letter_to(outside, stack, person, "requested")
    question = {"room_id": room.room_id, "person_ids": [person, host]}
    to_person = await outside.ask("notifications.name-people.v1", question, actor=person)
    assert to_person["result"]["people"] == [{"person_id": host, "display_name": "Marta Bianchi"}]
    to_host = await outside.ask("notifications.name-people.v1", question, actor=host)
    assert [UUID(each["person_id"]) for each in to_host["result"]["people"]] == [UUID(person), UUID(host)]
    to_stranger = await outside.ask("notifications.name-people.v1", question, actor=new_id())
    assert to_stranger["code"] == "not-allowed"
