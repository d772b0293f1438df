"""Properties of every page: it is accessible, it fits a narrow screen, and it exists in each language."""

import os
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize
from tests.support.browser.axe import hindrances
from tests.support.browser.reader import NARROW, WIDE, Reader, a_reader
from tests.support.stack.running import RunningStack
from tests.system.browser.conftest import logged_tokens
from tests.system.browser.sample_room import SampleRoom, a_sample_room, with_a_session, with_the_rest
from tests.system.browser.tours import TOURS

from practio_operator.stack.home import CHECKOUT

pytestmark = pytest.mark.thorough

Screen = tuple[ViewportSize, Literal["light", "dark"]]

SCREENS: list[Screen] = [(WIDE, "light"), (NARROW, "dark")]
"""The screens on which every page is looked at: between them, each width and each scheme."""

PICTURED: list[Screen] = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
"""The screens of which pictures are taken."""

LONGEST_WORDS = "de"
"""The language in which a page would be too wide first."""

SCREENSHOTS = CHECKOUT / ".practio" / "screenshots"
"""The folder of the pictures of all pages, for people to look at, if PRACTIO_SCREENSHOTS is set."""


@pytest_asyncio.fixture(scope="module")
async def sample_room(stack: RunningStack) -> SampleRoom:
    """Return a room with a person at every step; no test moves any of them."""
    async with stack.outside() as outside:
        return await with_the_rest(outside, await with_a_session(outside, await a_sample_room(outside, stack)))


@pytest_asyncio.fixture(scope="module")
async def tourist(browser: Browser, stack: RunningStack) -> AsyncIterator[Reader]:
    """Yield a reader whose browser can run axe: another one for each tour would take longer than to open a page."""
    async with a_reader(browser, stack.pages_url, scripts=True, reduced_motion="reduce") as found:
        yield found


@pytest_asyncio.fixture
async def scripted(tourist: Reader, stack: RunningStack) -> AsyncIterator[Reader]:
    """Yield the reader as before any tour; afterwards they revealed nothing, and no log contains a token of theirs."""
    await shows_on(tourist, SCREENS[0])
    try:
        yield tourist
        await tourist.gave_nothing_away()
        assert logged_tokens(tourist, stack) == []
    finally:
        tourist.requests.clear()
        tourist.complaints.clear()


async def shows_on(reader: Reader, screen: Screen) -> None:
    """Show the open page on a screen."""
    size, scheme = screen
    await reader.page.set_viewport_size(size)
    await reader.page.emulate_media(color_scheme=scheme)


async def takes_pictures(reader: Reader, name: str) -> None:
    """Take a picture of the open page on each screen, and leave it on the last one."""
    for size, scheme in PICTURED:
        await shows_on(reader, (size, scheme))
        await reader.page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("name", TOURS)
async def test_anybody_can_use_a_page_in_every_language_in_light_and_dark_on_wide_screens_and_narrow(
    name: str, sample_room: SampleRoom, scripted: Reader
) -> None:
    await TOURS[name](scripted, sample_room)
    assert await scripted.language() == "en"
    if "PRACTIO_SCREENSHOTS" in os.environ:
        await takes_pictures(scripted, name)
    found = []
    for at, (size, scheme) in enumerate(SCREENS):
        await shows_on(scripted, (size, scheme))
        found += [f"{scheme}: {each}" for each in await hindrances(scripted.page, only_looks=at > 0)]
    assert found == []
    assert not await scripted.is_too_wide()
    languages = await scripted.offered_languages()
    assert {language: await scripted.language_behind(link) for language, link in languages.items()} == {
        language: language for language in languages
    }
    if LONGEST_WORDS in languages:
        await scripted.shows(languages[LONGEST_WORDS])
        assert not await scripted.is_too_wide()
