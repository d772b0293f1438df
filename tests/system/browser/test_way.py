"""A person's way in a room, in a browser that runs no scripts, and by keyboard."""

import pytest_asyncio
from tests.support.browser.reader import Reader
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import ACCEPT, does, roster
from tests.support.oracles.observed_room import look
from tests.support.stack.running import Stack
from tests.system.browser.house import House, a_house, expired, forged

from practio_contracts.links import Purpose


@pytest_asyncio.fixture
async def house(outside: Outside, stack: Stack) -> House:
    """Give a room with somebody at every step."""
    return await a_house(outside, stack)


async def stands(outside: Outside, house: House, person: str) -> str | None:
    """Give where somebody stands, by the roster."""
    entries = (await roster(outside, house.room))["entries"]
    found = {each["membership"]["person_id"]: str(each["membership"]["status"]) for each in entries}
    return found.get(house.people[person])


async def test_a_seat_is_accepted_by_keyboard_alone(outside: Outside, house: House, reader: Reader) -> None:
    assert await reader.opens(house.way("offered")) == 200
    await reader.page.keyboard.press("Tab")
    assert await reader.page.locator(":focus").inner_text() == "Skip to main content"
    await reader.tabs_to("Accept the seat")
    assert await reader.enters() == 200
    assert "Done" in await reader.page.get_by_role("status").inner_text()
    assert "In the room" in await reader.words()
    assert await reader.buttons() == ["Leave the room"]
    assert await stands(outside, house, "offered") == "joined"


async def test_a_request_is_withdrawn_once_however_often_the_form_is_sent(
    outside: Outside, house: House, reader: Reader
) -> None:
    await reader.opens(house.way("requested"))
    assert await reader.presses("Withdraw your request") == 200
    assert "Withdrawn" in await reader.words()
    assert await stands(outside, house, "requested") is None
    before = await look(outside, house.room, [house.people["requested"]])
    again = await reader.page.reload()
    assert again is not None
    assert (again.request.method, again.status) == ("POST", 200)
    assert "Done" in await reader.page.get_by_role("status").inner_text()
    await reader.page.go_back()
    assert await reader.buttons() == [], "going back shows how things stand now"
    assert (await look(outside, house.room, [house.people["requested"]])).news_since(before) == {}


async def test_an_offer_that_was_taken_meanwhile_says_where_one_stands(
    outside: Outside, house: House, reader: Reader
) -> None:
    await reader.opens(house.way("offered"))
    await does(outside, ACCEPT, house.room, house.people["offered"])
    assert await reader.presses("Decline the seat") == 409
    assert "This offer is no longer valid" in await reader.page.get_by_role("alert").inner_text()
    assert await stands(outside, house, "offered") == "joined"


async def test_a_link_that_is_over_or_forged_or_for_another_page_shows_nothing_of_anybody(
    house: House, reader: Reader
) -> None:
    link = house.way("offered")
    stolen = forged(house.way("joined"), link)
    elsewhere = link.replace(f"/{Purpose.WAY}/", f"/{Purpose.QUEUE}/")
    for url, status, words in (
        (expired(house.stack, link), 410, "Links in emails expire after some time."),
        (stolen, 404, "Part of the link may be missing"),
        (elsewhere, 404, ""),
    ):
        assert await reader.opens(url) == status
        told = await reader.words()
        assert words in told
        assert "Intervision" not in told
        assert await reader.page.get_by_role("button").count() == 0
