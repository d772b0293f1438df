"""People whom no directory knows: with a browser and a mailbox, and nobody who publishes them."""

import re
from typing import Any
from uuid import UUID

from tests.support.browser.http import a_browser
from tests.support.browser.reader import Reader
from tests.support.clients.actions import a_known_person, a_published_room
from tests.support.clients.commands import daytime_zone, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.mailbox import Letter
from tests.support.stack.running import Stack
from tests.system.test_letters import letter_to

from practio_contracts.links import Purpose

STATEMENT = {
    "title": "Cases of newcomers",
    "domain": "Teaching",
    "purpose": "Think together.",
    "time_zone": "Europe/Paris",
    "meeting_url": "https://meet.example.org/newcomers",
}


async def letters_of(stack: Stack, email: str, kind: str) -> list[Letter]:
    """Wait for the first letter of a kind to an address; return all of that kind."""

    def found() -> list[Letter]:
        return [each for each in stack.mailbox.to(email) if each.kind == kind]

    letters: list[Letter] = await eventually(found, within=30, message=f"{kind} to {email}")
    return letters


async def link_in(stack: Stack, email: str, kind: str) -> str:
    """Return the first link in the one letter of a kind to an address."""
    [letter] = await letters_of(stack, email, kind)
    found = re.search(rf"{stack.pages_url}/[a-z]+/[\w.-]+", letter.text)
    assert found, letter.text
    return found[0]


async def says_who_they_are(reader: Reader, name: str) -> None:
    await reader.page.get_by_label("Your name").fill(name)
    await reader.page.get_by_label("Your language").select_option("en")
    await reader.page.get_by_label("Your time zone").fill(daytime_zone())
    assert await reader.presses("Save and go on") == 200
    assert f"from now on we know you as {name}." in await reader.words()


async def asks_for_a_link(reader: Reader, email: str) -> None:
    await reader.page.get_by_label("Your email address").fill(email)
    assert await reader.presses("Send me a link") == 200


async def test_a_stranger_becomes_a_person_starts_a_room_and_another_finds_their_name(
    stack: Stack, reader: Reader
) -> None:
    host, member = f"host.{new_id()}@example.org", f"member.{new_id()}@example.org"
    await reader.opens("/link")
    await asks_for_a_link(reader, host)
    await reader.opens(await link_in(stack, host, "introduce"))
    await says_who_they_are(reader, "Noor de Wit")
    await reader.follows(reader.page.get_by_role("link", name="Go on to your rooms"))
    await reader.follows(reader.page.get_by_role("link", name="Start a room"))
    await reader.follows(reader.page.get_by_role("link", name="Describe the room"))
    for field, text in STATEMENT.items():
        await reader.page.locator(f"[name={field}]").fill(text)
    await reader.page.get_by_label("Format").select_option("peer-coaching")
    await reader.page.get_by_label("Meets").select_option("online")
    await reader.presses("Save and see the preview")
    assert await reader.presses("Publish the room") == 200
    room = await reader.page.locator("main a[href*='/room/']").inner_text()

    await reader.opens(room)
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    await asks_for_a_link(reader, member)
    await reader.opens(await link_in(stack, member, "introduce"))
    await says_who_they_are(reader, "Kofi")
    await reader.follows(reader.page.get_by_role("link", name="Go on to the room"))
    way = reader.page.url
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    assert await reader.presses("Request to join") == 200
    [to_decide] = await letters_of(stack, host, "request-to-decide")
    assert "Kofi" in to_decide.text
    await reader.opens(way)
    assert "Noor de Wit" in await reader.words()
    assert [each.kind for each in stack.mailbox.to(host)] == ["introduce", "room-published", "request-to-decide"]


async def test_a_person_whom_a_host_invited_says_who_they_are_and_is_shown_to_nobody_before(
    outside: OutsideSystem, stack: Stack, reader: Reader
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = (await a_published_room(outside, host=host)).room_id
    email = f"{new_id()}@example.org"
    introduced = {"email": email, "room_id": room, "display_name": "Somebody Else"}
    answer = await outside.send("notifications.introduce.v1", introduced, actor=host)
    person = answer["state"]["person_id"]
    await outside.send("membership.invite.v1", {"room_id": room, "person_id": person}, actor=host)
    await reader.opens(await link_in(stack, email, "invited"))
    assert await named(outside, room, person, actor=host) == []
    await reader.follows(reader.page.get_by_role("link", name="Say who you are"))
    await says_who_they_are(reader, "Kofi")
    await reader.follows(reader.page.get_by_role("link", name="Go on to the room"))
    assert "Say who you are" not in await reader.words()
    assert await reader.presses("Accept the invitation") == 200
    assert await named(outside, room, person, actor=host) == ["Kofi"]


async def named(outside: OutsideSystem, room: str, person: str, *, actor: str) -> list[str]:
    question: dict[str, Any] = {"room_id": room, "person_ids": [person]}
    answer = await outside.query("notifications.name-people.v1", question, actor=actor)
    return [each["display_name"] for each in answer["result"]["people"]]


async def test_known_and_unknown_addresses_get_the_same_page(outside: OutsideSystem, stack: Stack) -> None:
    person, unknown = await a_known_person(outside), f"{new_id()}@example.org"
    known = outside.people[person]["email"]
    async with a_browser() as browser:
        page = await browser.sees(f"{stack.pages_url}/link")
        answers = [await browser.sends(page, email=email) for email in (known, unknown)]
    assert [(each.status_code, each.text) for each in answers] == [(200, answers[0].text)] * 2
    assert {name for each in answers for name in each.headers} == set(answers[0].headers) == set(answers[1].headers)
    link = await letter_to(outside, stack, person, "link")
    introduce = await link_in(stack, unknown, "introduce")
    assert link.kind == "link"
    read = stack.links.read(introduce.rpartition("/")[2], Purpose.INTRODUCE)
    assert read.person_id != UUID(person)
