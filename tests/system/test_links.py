"""Links in letters, over real SMTP: each belongs to its reader, for one purpose; nothing else reveals it."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
from tests.support.browser.http import Browser, a_browser
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.html import parse
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

from practio_contracts.links import Link, Purpose

ADDRESS = re.compile(rf"https?://[^/\s<>]+/({'|'.join(Purpose)})/([\w.-]+)")


def links_in(stack: RunningStack, text: str) -> Iterator[Link]:
    """Yield every link in a text, read as pages reads it."""
    for purpose, token in ADDRESS.findall(text):
        yield stack.links.read(token, Purpose(purpose))


def purposes_of(links: Iterator[Link]) -> list[tuple[Purpose, str, str | None, str | None]]:
    """Return purpose, person, room and category of links."""
    return [
        (link.purpose, str(link.person_id), str(link.room_id) if link.room_id else None, link.category)
        for link in links
    ]


def tokens_in(letter: ReceivedLetter) -> set[str]:
    return {token for _, token in ADDRESS.findall(letter.text)}


async def test_letters_lead_each_reader_to_their_own_pages(outside: OutsideSystem, stack: RunningStack) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    await accepted(asks(outside, room, person))

    outcome = await letter_to(outside, stack, person, "requested")
    assert purposes_of(links_in(stack, outcome.text)) == [(Purpose.WAY, person, room.room_id, None)]
    assert "List-Unsubscribe" not in outcome.message

    to_decide = await letter_to(outside, stack, host, "request-to-decide")
    stop = (Purpose.STOP, host, None, "digest")
    assert purposes_of(links_in(stack, to_decide.text)) == [
        (Purpose.QUEUE, host, room.room_id, None),
        (Purpose.DESK, host, room.room_id, None),
        (Purpose.PREFERENCES, host, None, None),
        stop,
    ]
    assert purposes_of(links_in(stack, to_decide.message["List-Unsubscribe"])) == [stop]

    log = stack.services["notifications"].process.log
    letters = [outcome, to_decide]
    await eventually(lambda: all(id_of(letter) in read(log) for letter in letters), message="a log of both letters")
    assert not [token for letter in letters for token in tokens_in(letter) if token in read(log)]


def id_of(letter: ReceivedLetter) -> str:
    return letter.message_id.strip("<>").split("@")[0]


def read(log: Path) -> str:
    return log.read_text(encoding="utf-8")


async def test_a_link_asked_for_goes_to_the_owner_of_the_address(outside: OutsideSystem, stack: RunningStack) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside)
    await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    await letter_of_other_room(outside, stack, person)
    email, nobody = outside.people[person]["email"], f"{new_id()}@example.org"
    command, actor = "notifications.send-link.v1", new_id()
    answers = [
        await outside.send(command, {"email": outcome, "room_id": room.room_id}, actor=actor)
        for outcome in (email, nobody)
    ]
    assert [(answer["changed"], answer["state"]) for answer in answers] == [
        (True, {"email": email}),
        (True, {"email": nobody}),
    ]
    letter = await letter_to(outside, stack, person, "link")
    assert purposes_of(links_in(stack, letter.text)) == [(Purpose.WAY, person, room.room_id, None)]
    assert "List-Unsubscribe" not in letter.message


async def letter_of_other_room(outside: OutsideSystem, stack: RunningStack, person: str) -> None:
    """Wait until notifications knows a person's address: a letter came."""
    other = await a_published_room(outside, policy="open")
    await accepted(asks(outside, other, person))
    await letter_to(outside, stack, person, "joined")


async def test_links_end_with_the_address_and_by_the_button(outside: OutsideSystem, stack: RunningStack) -> None:
    person = await a_known_person(outside)
    room = await a_published_room(outside)
    await accepted(asks(outside, room, person))
    first = address_in(await letter_to(outside, stack, person, "requested"), "way")
    async with a_browser() as browser:
        await browser.sees(first)
        moved = outside.people[person] | {"email": f"{new_id()}@example.org"}
        outside.people[person] = moved
        await outside.publish_event("people.person-changed.v1", moved)
        await eventually(lambda: is_gone(browser, first), message="links in letters to the earlier address end")
        await accepted(outside.send("membership.withdraw.v1", about(room.room_id, person), actor=person))
        second = address_in(await letter_to(outside, stack, person, "withdrawn"), "way|rooms")
        await browser.sees(second)
        version = next(links_in(stack, second)).version
        page = await browser.sees(
            stack.links.url(Link(Purpose.PREFERENCES, UUID(person), locale="en", version=version))
        )
        done = await browser.sends(page, do="end-links", form=ending_form(page))
        assert "Your links have ended" in done.text
        assert await is_gone(browser, second)


async def is_gone(browser: Browser, url: str) -> bool:
    return (await browser.posts(url)).status_code == httpx.codes.GONE


def address_in(letter: ReceivedLetter, purposes: str) -> str:
    """Return the address of the first link for one of these purposes."""
    found = re.search(rf"https?://[^/\s<>]+/(?:{purposes})/[\w.-]+", letter.text)
    assert found, letter.text
    return found[0]


def ending_form(page: httpx.Response) -> str:
    field = parse(page.text).select_one("form:has(input[name=do]) input[name=form]")
    assert field, page.text
    return str(field["value"])


async def test_people_who_wait_learn_the_name_of_the_host_and_of_nobody_else(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, person, other = [await a_known_person(outside, name) for name in ("Marta Bianchi", "Ada Moretti", "Ben Okri")]
    room = await a_published_room(outside, host=host)
    for each in (person, other):
        await accepted(asks(outside, room, each))
        await letter_to(outside, stack, each, "requested")
    question = {"room_id": room.room_id, "person_ids": [other, person, host]}
    to_person = await outside.query("notifications.name-people.v1", question, actor=person)
    assert [each["display_name"] for each in to_person["result"]["people"]] == ["Ada Moretti", "Marta Bianchi"]
    to_host = await outside.query("notifications.name-people.v1", question, actor=host)
    assert [each["person_id"] for each in to_host["result"]["people"]] == [other, person, host]
    to_stranger = await outside.query("notifications.name-people.v1", question, actor=new_id())
    assert to_stranger["code"] == "not-allowed"
