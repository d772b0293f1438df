"""A person's way in a room, in a browser that runs no scripts, and by keyboard."""

import pytest
import pytest_asyncio
from tests.support.browser.reader import Reader
from tests.support.clients.actions import ACCEPT, does, roster
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.observed_room import observe_room
from tests.support.stack.running import RunningStack
from tests.system.browser.sample_room import SampleRoom, a_sample_room, expired, forged

from practio_contracts.links import Purpose

pytestmark = pytest.mark.thorough  # tests/unit/pages/test_membership_page.py shows each page


@pytest_asyncio.fixture
async def sample_room(outside: OutsideSystem, stack: RunningStack) -> SampleRoom:
    """Return a room with a person at every step."""
    return await a_sample_room(outside, stack)


async def status(outside: OutsideSystem, sample_room: SampleRoom, person: str) -> str | None:
    """Return a person's status from the roster."""
    entries = (await roster(outside, sample_room.room))["entries"]
    found = {each["membership"]["person_id"]: str(each["membership"]["status"]) for each in entries}
    return found.get(sample_room.people[person])


async def test_a_seat_can_be_accepted_with_only_the_keyboard(
    outside: OutsideSystem, sample_room: SampleRoom, reader: Reader
) -> None:
    assert await reader.opens(sample_room.membership_link("offered")) == 200
    await reader.page.keyboard.press("Tab")
    assert await reader.page.locator(":focus").inner_text() == "Skip to main content"
    await reader.tabs_to("Accept the seat")
    assert await reader.enters() == 200
    assert "Done" in await reader.page.get_by_role("status").inner_text()
    assert "In the room" in await reader.words()
    assert await reader.buttons() == ["Leave the room"]
    assert await status(outside, sample_room, "offered") == "joined"


async def test_a_request_is_withdrawn_once_however_often_the_form_is_sent(
    outside: OutsideSystem, sample_room: SampleRoom, reader: Reader
) -> None:
    await reader.opens(sample_room.membership_link("requested"))
    assert await reader.presses("Withdraw your request") == 200
    assert "Withdrawn" in await reader.words()
    assert await status(outside, sample_room, "requested") is None
    before = await observe_room(outside, sample_room.room, [sample_room.people["requested"]])
    again = await reader.page.reload()
    assert again is not None
    assert (again.request.method, again.status) == ("POST", 200)
    assert "Done" in await reader.page.get_by_role("status").inner_text()
    await reader.page.go_back()
    assert await reader.buttons() == [], "going back shows how things stand now"
    assert (await observe_room(outside, sample_room.room, [sample_room.people["requested"]])).news_since(before) == {}


async def test_an_offer_that_was_accepted_meanwhile_shows_the_current_status(
    outside: OutsideSystem, sample_room: SampleRoom, reader: Reader
) -> None:
    await reader.opens(sample_room.membership_link("offered"))
    await does(outside, ACCEPT, sample_room.room, sample_room.people["offered"])
    assert await reader.presses("Decline the seat") == 409
    assert "This offer is no longer valid" in await reader.page.get_by_role("alert").inner_text()
    assert await status(outside, sample_room, "offered") == "joined"


async def test_an_expired_or_forged_link_or_one_for_another_page_reveals_nothing(
    sample_room: SampleRoom, reader: Reader
) -> None:
    link = sample_room.membership_link("offered")
    stolen = forged(sample_room.membership_link("joined"), link)
    elsewhere = link.replace(f"/{Purpose.WAY}/", f"/{Purpose.QUEUE}/")
    for url, status, words in (
        (expired(sample_room.stack, link), 410, "Links in emails expire after some time."),
        (stolen, 404, "Part of the link may be missing"),
        (elsewhere, 404, ""),
    ):
        assert await reader.opens(url) == status
        shown = await reader.words()
        assert words in shown
        assert "Intervision" not in shown
        assert await reader.page.get_by_role("button").count() == 0
