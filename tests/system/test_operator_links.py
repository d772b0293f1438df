"""`practio link`: a person's page opens by it; nobody gets one who would see nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.browser.http import a_browser
from tests.support.clients.actions import (
    OpenRoom,
    a_known_person,
    a_published_room,
    a_session_that_begins,
    accepted,
    asks,
)
from tests.support.clients.commands import Data, new_id
from tests.support.clients.operator import practio_ended
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.test_sessions import plans

from practio_contracts.links import Purpose


async def is_known_to_notifications(outside: OutsideSystem, stack: RunningStack, host: str) -> OpenRoom:
    """Publish a room of this host, and wait for the letter about it."""
    room = await a_published_room(outside, host=host)
    await outside.receives("notifications.letter-sent.v1", person_id=host, kind="room-published")
    return room


def settings_of(stack: RunningStack) -> dict[str, str]:
    """Return the settings that notifications signs links with."""
    environment = stack.services["notifications"].process.environment
    return {name: environment[name] for name in ("PRACTIO_PAGES_URL", "PRACTIO_LINK_KEYS")}


async def printed(stack: RunningStack, *arguments: str) -> tuple[str, str]:
    """Return what `practio link` prints to standard output and to standard error; the former is empty if it fails."""
    exit_code, output, complaint = await practio_ended(stack, "link", *arguments, **settings_of(stack))
    assert (exit_code == 0) is bool(output), output + complaint
    return output.strip(), complaint


async def refused(stack: RunningStack, *arguments: str) -> str:
    """Return why `practio link` prints no link."""
    link, complaint = await printed(stack, *arguments)
    assert link == ""
    return complaint


async def test_a_link_opens_the_page_of_its_person_and_is_logged_without_it(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    room = await is_known_to_notifications(outside, stack, host)
    for page in ("rooms", "preferences", "start"):
        await opens(stack, outside.people[host], page)
    for page in ("way", "desk", "queue", "memory"):
        await opens(stack, outside.people[host], page, "--room", room.room_id)


async def opens(stack: RunningStack, person: Data, page: str, *more: str) -> None:
    """Check that the printed link opens, is of its person, in their language and zone, and is not in the log."""
    address, log = await printed(stack, person["person_id"], "--page", page, *more)
    token = address.rpartition("/")[2]
    link = stack.links.read(token, Purpose(page))
    written = (str(link.person_id), link.locale, link.time_zone)
    assert written == (person["person_id"], person["locale"], person["time_zone"])
    assert (person["person_id"] in log, page in log, token in log) == (True, True, False)
    async with a_browser() as browser:
        await browser.sees(address)


async def test_links_to_own_data_and_to_a_calendar_open_where_pages_has_them(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host = await a_known_person(outside, "Marta Bianchi")
    await is_known_to_notifications(outside, stack, host)
    async with a_browser() as browser:
        for page, content in (("me", "Marta Bianchi"), ("calendar", "BEGIN:VCALENDAR")):
            address, log = await printed(stack, host, "--page", page)
            assert content in (await browser.sees(address)).text
            assert address.rpartition("/")[2] not in log


async def test_a_link_to_feedback_opens_the_form_of_a_session_to_a_person_in_the_room(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    person, stranger = await a_known_person(outside), await a_known_person(outside)
    room = await a_published_room(outside, policy="open")
    await accepted(asks(outside, room, person))
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="joined")
    await accepted(asks(outside, await a_published_room(outside, policy="open"), stranger))
    await outside.receives("notifications.letter-sent.v1", person_id=stranger, kind="joined")
    session = await a_session_that_begins(outside, room)
    about = ("--page", "feedback", "--room", room.room_id, "--session")
    address, _ = await printed(stack, person, *about, session)
    async with a_browser() as browser:
        assert "How useful was this session for you?" in (await browser.sees(address)).text
    assert "sees no session" in await refused(stack, person, *about, new_id())
    assert "is not in it" in await refused(stack, stranger, *about, session)


async def test_a_link_to_a_session_opens_it_and_ends_thirty_days_after_it(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, stranger = await a_known_person(outside), await a_known_person(outside)
    await is_known_to_notifications(outside, stack, stranger)
    room = await is_known_to_notifications(outside, stack, host)
    session = await plans(outside, room, datetime.now(UTC) + timedelta(days=7), topic="Cases of spring")
    about = ("--page", "session", "--room", room.room_id, "--session")
    address, _ = await printed(stack, host, *about, session["session_id"])
    async with a_browser() as browser:
        assert "Cases of spring" in (await browser.sees(address)).text
    link = stack.links.read(address.rpartition("/")[2], Purpose.SESSION)
    assert link.not_after == datetime.fromisoformat(session["ends_at"]) + timedelta(days=30)
    assert "is not in it" in await refused(stack, stranger, *about, session["session_id"])
    assert "sees no session" in await refused(stack, host, *about, new_id())


async def test_a_link_lets_an_introduced_person_say_who_they_are_and_nobody_else(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    registered = await a_known_person(outside)
    room = await is_known_to_notifications(outside, stack, registered)
    stated = {"room_id": room.room_id, "email": f"{new_id()}@example.org"}
    introduced = (await accepted(outside.send("notifications.introduce.v1", stated, actor=registered)))["person_id"]
    address, log = await printed(stack, introduced, "--page", "introduce")
    assert address.rpartition("/")[2] not in log
    async with a_browser() as browser:
        await browser.sees(address)
    assert "is registered already" in await refused(stack, registered, "--page", "introduce")


async def test_a_link_has_the_version_of_its_person_s_links(outside: OutsideSystem, stack: RunningStack) -> None:
    host = await a_known_person(outside)
    await is_known_to_notifications(outside, stack, host)
    before, _ = await printed(stack, host, "--page", "preferences")
    await accepted(outside.send("notifications.end-links.v1", {"person_id": host}, actor=host))
    after, _ = await printed(stack, host, "--page", "preferences")
    async with a_browser() as browser:
        assert (await browser.posts(before)).status_code == 410
        await browser.sees(after)


async def test_an_unknown_or_erased_person_gets_no_link(outside: OutsideSystem, stack: RunningStack) -> None:
    assert "Nobody with the id" in await refused(stack, new_id())
    person = await a_known_person(outside)
    await is_known_to_notifications(outside, stack, person)
    await outside.publish_event("people.person-erased.v1", {"person_id": person})

    async def is_erased() -> bool:
        return "is erased" in (await printed(stack, person))[1]

    await eventually(is_erased, within=30, message="the person is erased")


@pytest.mark.parametrize(
    ("page", "words"),
    [("desk", "no office"), ("queue", "no office"), ("memory", "not in it"), ("start", "not its host")],
)
async def test_a_page_that_would_be_closed_gets_no_link(
    outside: OutsideSystem, stack: RunningStack, page: str, words: str
) -> None:
    stranger = await a_known_person(outside)
    await is_known_to_notifications(outside, stack, stranger)
    room = await a_published_room(outside)
    assert words in await refused(stack, stranger, "--page", page, "--room", room.room_id)


async def test_an_unknown_room_gets_no_link(outside: OutsideSystem, stack: RunningStack) -> None:
    host = await a_known_person(outside)
    await is_known_to_notifications(outside, stack, host)
    assert "cannot see the room" in await refused(stack, host, "--page", "way", "--room", new_id())
