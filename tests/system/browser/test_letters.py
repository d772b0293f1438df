"""Letters and their links: a path into a room with only links, and no change by a scanner."""

import httpx
import pytest
from tests.support.browser.reader import Reader
from tests.support.clients.actions import (
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.oracles.observed_room import observe_room
from tests.support.stack.running import RunningStack
from tests.system.browser.conftest import ReaderFactory
from tests.system.browser.letters import letter_to, link_in, links_in
from tests.system.browser.sample_room import a_sample_room

from practio_contracts.links import Purpose
from practio_operator.execution.http import NO_AUTHORITIES


async def preferences(outside: OutsideSystem, person: str) -> Data:
    """Return a person's preferences."""
    answer = await outside.query("notifications.get-preferences.v1", {"person_id": person}, actor=person)
    wanted: Data = answer["result"]
    return wanted


async def a_full_room(outside: OutsideSystem, host: str, **fields: object) -> tuple[OpenRoom, str]:
    """Return a room whose only seat is taken, and the person who has it."""
    room = await a_published_room(outside, host=host, capacity=1, **fields)
    inside = await a_known_person(outside, "Bruno Conti")
    await accepted(asks(outside, room, inside))
    await does(outside, APPROVE, room, inside, actor=host)
    return room, inside


@pytest.mark.thorough
async def test_a_visitor_gets_from_a_search_to_a_seat_with_only_the_links_in_letters(
    outside: OutsideSystem, stack: RunningStack, readers: ReaderFactory, reader: Reader
) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside, "Ada Moretti")
    title = f"Intervision {new_id()}"
    room, inside = await a_full_room(outside, host, title=title)

    await reader.opens("/")
    await reader.page.get_by_label("What are you looking for?").fill(title)
    await reader.presses("Search")
    await reader.follows(reader.page.get_by_role("link", name=title))
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    await reader.page.get_by_label("Your email address").fill(outside.people[person]["email"].upper())
    assert await reader.presses("Send me a link") == 200
    assert "on its way" in await reader.page.get_by_role("status").inner_text()

    linked = await letter_to(outside, stack, person, "link")
    await reader.opens(link_in(linked, stack.pages_url, Purpose.WAY))
    assert "You have not requested to join this room." in await reader.words()
    await reader.follows(reader.page.get_by_role("link", name="Request to join"))
    await reader.page.get_by_label("Message to the host").fill("I lead a <small> school.")
    assert await reader.presses("Request to join") == 200
    assert "the host has your request" in await reader.page.get_by_role("status").inner_text()

    to_decide = await letter_to(outside, stack, host, "request-to-decide")
    async with readers() as deciding:
        await deciding.opens(link_in(to_decide, stack.pages_url, Purpose.QUEUE))
        assert "I lead a <small> school." in await deciding.words()
        assert await deciding.presses("Approve now: Ada Moretti") == 200
        assert "on the waitlist" in await deciding.page.get_by_role("status").inner_text()

    waits = await letter_to(outside, stack, person, "waitlisted")
    await does(outside, WITHDRAW, room, inside)
    offered = await letter_to(outside, stack, person, "seat-offered")
    await reader.opens(link_in(waits, stack.pages_url, Purpose.WAY))
    assert "The seat is held for you until" in await reader.words(), "an older letter shows what is so now"
    await reader.opens(link_in(offered, stack.pages_url, Purpose.WAY))
    await reader.tabs_to("Accept the seat")
    assert await reader.enters() == 200
    assert (await observe_room(outside, room, [person])).status(person) == "joined"
    await letter_to(outside, stack, person, "joined")


@pytest.mark.thorough
async def test_a_later_decision_on_the_same_request_shows_the_earlier_one(
    outside: OutsideSystem, stack: RunningStack, reader: Reader
) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside, "Ada Moretti")
    room = await a_published_room(outside, host=host)
    await accepted(asks(outside, room, person))
    to_decide = await letter_to(outside, stack, host, "request-to-decide")
    await reader.opens(link_in(to_decide, stack.pages_url, Purpose.QUEUE))
    await does(outside, APPROVE, room, person, actor=host)
    assert await reader.presses("Decline now: Ada Moretti") == 409
    shown = await reader.page.get_by_role("alert").inner_text()
    assert "Ada Moretti" in shown
    assert "already decided" in shown
    assert (await observe_room(outside, room, [person])).status(person) == "joined"


@pytest.mark.thorough
async def test_following_every_link_of_every_letter_twice_changes_nothing(
    outside: OutsideSystem, stack: RunningStack, readers: ReaderFactory, ledger: Ledger
) -> None:
    sample_room = await a_sample_room(outside, stack)
    people = [*sample_room.people.values(), sample_room.room.host]
    await ledger.is_clean()
    before = await observe_room(outside, sample_room.room, people)
    wanted = {person: await preferences(outside, person) for person in people}
    addresses = [outside.people[person]["email"] for person in people if person in outside.people]
    letters = [each for address in addresses for each in stack.mailbox.to(address)]
    links = [link for letter in letters for link in links_in(letter, stack.pages_url)]
    purposes = {link.removeprefix(f"{stack.pages_url}/").split("/")[0] for link in links}
    assert {Purpose.WAY, Purpose.QUEUE, Purpose.PREFERENCES, Purpose.STOP} <= purposes

    # Who has left since reads the room's notes no more, to which the letter about their seat leads.
    expected = {link: (200, 403) if f"/{Purpose.MEMORY}/" in link else (200,) for link in links}
    async with readers(scripts=True) as scanner:
        for link in links:
            assert await scanner.opens(link) in expected[link], link
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, follow_redirects=True) as simple_one:
        for link in links:
            assert (await simple_one.get(link)).status_code in expected[link], link

    assert await observe_room(outside, sample_room.room, people) == before
    assert {person: await preferences(outside, person) for person in people} == wanted
    await ledger.is_clean()


async def test_a_mail_program_unsubscribes_by_one_bare_post(outside: OutsideSystem, stack: RunningStack) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    await accepted(asks(outside, room, person))
    letter = await letter_to(outside, stack, host, "request-to-decide")
    address = link_in(letter, stack.pages_url, Purpose.STOP)
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False) as program:
        answers = [await program.post(address, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await preferences(outside, host))["requests_digest"] == "off"
