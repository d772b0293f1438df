"""What holds for every page there is: anybody can use it, it fits a narrow screen, and it speaks each language."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.browser.axe import hindrances
from tests.support.browser.reader import NARROW, WIDE, Reader
from tests.support.stack.running import Stack
from tests.system.browser.conftest import Readers
from tests.system.browser.house import House, a_house
from tests.system.browser.tours import TOURS

from practio_operator.stack.home import CHECKOUT

pytestmark = pytest.mark.thorough

SCREENSHOTS = CHECKOUT / ".practio" / "screenshots"


@pytest_asyncio.fixture(scope="module")
async def house(stack: Stack) -> House:
    """Give a room with somebody at every step; nobody takes another one."""
    async with stack.outside() as outside:
        return await a_house(outside, stack)


@pytest_asyncio.fixture
async def scripted(readers: Readers) -> AsyncIterator[Reader]:
    """Give a reader in whose browser axe can run."""
    async with readers(scripts=True, reduced_motion="reduce") as found:
        yield found


@pytest.fixture(scope="module")
def screenshots() -> Path:
    """Give the folder that pictures of all pages are put into, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.mark.parametrize("name", TOURS)
async def test_anybody_can_use_a_page_in_light_and_dark_on_wide_screens_and_narrow(
    name: str, house: House, scripted: Reader, screenshots: Path
) -> None:
    await TOURS[name](scripted, house)
    found = []
    for width, look in ((WIDE, "light"), (NARROW, "dark")):
        await scripted.page.set_viewport_size(width)
        await scripted.page.emulate_media(color_scheme=look)
        found += [f"{look}: {each}" for each in await hindrances(scripted.page)]
        await scripted.page.screenshot(path=screenshots / f"{name}-{width['width']}-{look}.png", full_page=True)
    assert found == []
    assert not await scripted.is_too_wide()


@pytest.mark.parametrize("name", TOURS)
async def test_a_page_speaks_each_language_that_it_offers(name: str, house: House, reader: Reader) -> None:
    await TOURS[name](reader, house)
    assert await reader.language() == "en"
    await reader.page.set_viewport_size(NARROW)
    for language, link in (await reader.offered_languages()).items():
        await reader.opens(link)
        assert (await reader.language(), await reader.is_too_wide()) == (language, False)
