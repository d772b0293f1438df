"""A person who reads pages in a browser, and what their browser revealed meanwhile."""

import re
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.async_api import Browser, Locator, Page, Request, Response, ViewportSize

PATIENCE_MILLISECONDS = 30_000
SHORTEST_TOKEN = 40
"""Characters of a link's last part, from which it is a token and no word or id."""

_NOTE_OF_A_STATUS = "Failed to load resource: the server responded with a status of"
"""What Chromium logs of a page with a 4xx or 5xx status, which is correct."""

_A_FORM_OF = """(fields) => {
    const form = document.createElement("form");
    form.method = "post";
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("input");
        [field.name, field.value] = [name, value];
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 900, "height": 800}


@dataclass
class Reader:
    """A browser on the pages of ``site``; ``requests`` are all its requests, ``complaints`` the errors it reports.

    A reader who is patient loads a page again, or sends its form again, if no answer came in time (503).
    """

    page: Page
    site: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    is_patient: bool = False

    def listens(self) -> None:
        """Begin to record requests and errors of the browser."""
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._note_console(message.text))

    async def opens(self, url: str) -> int:
        """Follow a link, or a path of the site; return the status of the answer."""
        return await self._answered(await self.page.goto(url if "://" in url else self.site + url))

    async def shows(self, url: str) -> None:
        """Show what a link or a path leads to in place of this page's content, which takes less than to open it."""
        answer = await self.page.context.request.get(urljoin(self.page.url, url))
        await self.page.set_content(await answer.text())

    async def presses(self, words: str, *, within: Locator | None = None) -> int:
        """Press the last button with the label ``words``; return the status of the page that follows."""
        return await self.follows((within or self.page).get_by_role("button", name=words, exact=True).last)

    async def follows(self, place: Locator) -> int:
        """Press a button or a link; return the status of the page that follows."""
        return await self._status_after(place.click())

    async def sends(self, fields: dict[str, str]) -> int:
        """Send a form that the page does not have; return the status of the page that follows."""
        return await self._status_after(self.page.evaluate(_A_FORM_OF, fields))

    async def words(self) -> str:
        """Return the text of the page, with single blanks."""
        return " ".join((await self.page.locator("main").inner_text()).split())

    async def buttons(self) -> list[str]:
        """Return the labels of the page's buttons."""
        return [" ".join(words.split()) for words in await self.page.get_by_role("button").all_inner_texts()]

    async def enters(self) -> int:
        """Press Enter on the focused element; return the status of the page that follows."""
        return await self._status_after(self.page.keyboard.press("Enter"))

    async def tabs_to(self, words: str) -> None:
        """Press Tab until the element with the text ``words`` has the focus."""
        for _ in range(await self.page.locator("a, button, input, select, textarea, summary").count() + 1):
            await self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if await focused.count() and " ".join((await focused.inner_text()).split()) == words:
                return
        raise AssertionError(f"no way by keyboard to {words!r}")

    async def language(self) -> str | None:
        """Return the language of the page by its own attribute."""
        return await self.page.locator("html").get_attribute("lang")

    async def language_behind(self, url: str) -> str | None:
        """Return the language of the page to which a link or a path leads, by its own attribute; stay on this page."""
        answer = await self.page.context.request.get(urljoin(self.page.url, url))
        found = re.search(r'<html lang="([^"]+)"', await answer.text())
        return found and found[1]

    async def offered_languages(self) -> dict[str, str]:
        """Return the languages that the page offers itself in, and their links."""
        anchors = self.page.locator("footer a[hreflang][href]")
        links = await anchors.evaluate_all("all => all.map(each => [each.hreflang, each.getAttribute('href')])")
        return dict(links)

    async def is_too_wide(self) -> bool:
        """Return whether one has to scroll sideways."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def tokens(self) -> set[str]:
        """Return the tokens of the links that were followed."""
        parts = (part for request in self.requests for part in urlsplit(request.url).path.split("/"))
        return {part for part in parts if len(part) >= SHORTEST_TOKEN}

    async def gave_nothing_away(self) -> None:
        """Check that no request left the site or sent a referer, no cookie was stored, and there was no error."""
        requests = [(each.method, each.url, await each.header_value("referer")) for each in self.requests]
        found = {
            "left the site": [url for _, url, _ in requests if not url.startswith(self.site)],
            "sent a referer": [each for each in requests if each[2]],
            "kept": (await self.page.context.storage_state())["cookies"],
            "complained": self.complaints,
        }
        assert not any(found.values()), found

    async def _status_after(self, doing: Awaitable[object]) -> int:
        async with self.page.expect_navigation() as following:
            await doing
        return await self._answered(await following.value)

    async def _answered(self, answer: Response | None) -> int:
        """Return the status of an answer, or of the first one that is not 503 for a reader who is patient."""
        deadline = time.monotonic() + 4 * PATIENCE_MILLISECONDS / 1000
        while self.is_patient and answer is not None and answer.status == 503 and time.monotonic() < deadline:
            answer = await self.page.reload()
        assert answer is not None
        return answer.status

    def _note_console(self, message: str) -> None:
        if not message.startswith(_NOTE_OF_A_STATUS):
            self.complaints.append(message)


@asynccontextmanager
async def a_reader(browser: Browser, site: str, *, scripts: bool = False, **looks: Any) -> AsyncIterator[Reader]:
    """Yield a reader with a browser of their own, without scripts by default; ``looks`` as Playwright has them."""
    looks = {"viewport": WIDE, "locale": "en", **looks}
    context = await browser.new_context(java_script_enabled=scripts, **looks)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    reader = Reader(await context.new_page(), site)
    reader.listens()
    try:
        yield reader
        await reader.gave_nothing_away()
    finally:
        await context.close()
