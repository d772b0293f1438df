"""People whom no directory knows: with a browser and a mailbox, and nobody who publishes them."""

from typing import Any
from uuid import UUID

import pytest
from tests.support.browser.http import a_browser
from tests.support.browser.newcomers import asks_for_a_link, introduces_themselves, letters_of, link_from
from tests.support.browser.reader import Reader
from tests.support.clients.actions import a_known_person, a_published_room
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

from practio_contracts.links import Purpose

STATEMENT = {
    "title": "Cases of newcomers",
    "domain": "Teaching",
    "purpose": "Think together.",
    "time_zone": "Europe/Paris",
    "meeting_url": "https://meet.example.org/newcomers",
}


@pytest.mark.thorough
async def test_a_stranger_becomes_a_person_starts_a_room_and_another_finds_their_name(
    stack: RunningStack, reader: Reader
) -> None:
    host, member = f"host.{new_id()}@example.org", f"member.{new_id()}@example.org"
    await reader.opens("/link")
    await asks_for_a_link(reader, host)
    await reader.opens(await link_from(stack, host, "introduce"))
    await introduces_themselves(reader, "Noor de Wit")
    await reader.follows(reader.page.get_by_role("link", name="Continue to your rooms"))
    await reader.follows(reader.page.get_by_role("link", name="Start a room"))
    await reader.follows(reader.page.get_by_role("link", name="Describe the room"))
    for field, text in STATEMENT.items():
        await reader.page.locator(f"[name={field}]").fill(text)
    await reader.page.get_by_label("Format").select_option("peer-coaching")
    await reader.page.get_by_label("How people meet").select_option("online")
    await reader.presses("Save and see the preview")
    assert await reader.presses("Publish the room") == 200
    room = await reader.page.locator("main a[href*='/room/']").inner_text()

    await reader.opens(room)
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    await asks_for_a_link(reader, member)
    await reader.opens(await link_from(stack, member, "introduce"))
    await introduces_themselves(reader, "Kofi")
    await reader.follows(reader.page.get_by_role("link", name="Continue to the room"))
    way = reader.page.url
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    assert await reader.presses("Request to join") == 200
    [to_decide] = await letters_of(stack, host, "request-to-decide")
    assert "Kofi" in to_decide.text
    await reader.opens(way)
    assert "Noor de Wit" in await reader.words()
    assert [each.kind for each in stack.mailbox.to(host)] == ["introduce", "room-published", "request-to-decide"]


@pytest.mark.thorough
async def test_a_person_whom_a_host_invited_says_who_they_are_and_is_shown_to_nobody_before(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = (await a_published_room(outside, host=host)).room_id
    email = f"{new_id()}@example.org"
    introduced = {"email": email, "room_id": room, "display_name": "Somebody Else"}
    answer = await outside.send("notifications.introduce.v1", introduced, actor=host)
    person = answer["state"]["person_id"]
    await outside.send("membership.invite.v1", {"room_id": room, "person_id": person}, actor=host)
    await reader.opens(await link_from(stack, email, "invited"))
    assert await named(outside, room, person, actor=host) == []
    await reader.follows(reader.page.get_by_role("link", name="Introduce yourself"))
    await introduces_themselves(reader, "Kofi")
    await reader.follows(reader.page.get_by_role("link", name="Continue to the room"))
    assert "Introduce yourself" not in await reader.words()
    assert await reader.presses("Accept the invitation") == 200
    assert await named(outside, room, person, actor=host) == ["Kofi"]


async def named(outside: OutsideSystem, room: str, person: str, *, actor: str) -> list[str]:
    question: dict[str, Any] = {"room_id": room, "person_ids": [person]}
    answer = await outside.query("notifications.name-people.v1", question, actor=actor)
    return [each["display_name"] for each in answer["result"]["people"]]


async def test_known_and_unknown_addresses_get_the_same_page(outside: OutsideSystem, stack: RunningStack) -> None:
    person, unknown = await a_known_person(outside), f"{new_id()}@example.org"
    known = outside.people[person]["email"]
    async with a_browser() as browser:
        page = await browser.sees(f"{stack.pages_url}/link")
        answers = [await browser.sends(page, email=email) for email in (known, unknown)]
    assert [(each.status_code, each.text) for each in answers] == [(200, answers[0].text)] * 2
    assert {name for each in answers for name in each.headers} == set(answers[0].headers) == set(answers[1].headers)
    link = await letter_to(outside, stack, person, "link")
    introduce = await link_from(stack, unknown, "introduce")
    assert link.kind == "link"
    read = stack.links.read(introduce.rpartition("/")[2], Purpose.INTRODUCE)
    assert read.person_id != UUID(person)
