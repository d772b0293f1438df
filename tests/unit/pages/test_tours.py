"""The tours of a browser lead to every page of the site, so that axe and a narrow screen look at each."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.routing import Match, Route
from tests.support.clients.actions import OpenRoom
from tests.unit.pages.sites import KEYS, PAGES

from practio_contracts.links import Links
from practio_pages.app import PAGES as ROUTES
from practio_pages.pages import person_steps, room_life_steps

if TYPE_CHECKING:
    from tests.support.browser.reader import Reader
    from tests.support.stack.running import RunningStack
    from tests.system.browser.sample_room import SampleRoom

STEPS = {
    "/desk/{token}/life/{step}": tuple(room_life_steps.STEPS),
    "/desk/{token}/people/{person_id:uuid}/{step}": tuple(person_steps.STEPS),
}
"""The routes that are several pages, and the names of these."""

NO_PAGES = {
    "/rooms.atom": "a feed, for readers of news",
    "/rooms.json": "a feed, for programs",
    "/sessions.ics": "a calendar, for programs",
    "/calendar/{token}.ics": "a calendar, for programs",
    "/robots.txt": "a text, for programs",
    "/desk/{token}/report.csv": "a file to be downloaded",
    "/desk/{token}/feedback.csv": "a file to be downloaded",
    "/sponsor/{token}/report.csv": "a file to be downloaded",
    "/me/{token}/data.json": "a file to be downloaded",
}
"""The routes that no browser shows as a page, each with the reason."""


class Anything:
    """Whatever a browser would answer: it is as expected, and may be waited for."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __getattr__(self, name: str) -> "Anything":
        return self

    def __call__(self, *args: object, **kwargs: object) -> "Anything":
        return self

    def __getitem__(self, key: object) -> "Anything":
        return self

    def __await__(self) -> Generator[None, None, "Anything"]:
        yield from ()
        return self


@dataclass
class NotingReader:
    """A reader without a browser, who notes what is opened."""

    page: Anything = field(default_factory=Anything)
    opened: list[str] = field(default_factory=list)

    async def opens(self, url: str | Anything) -> Anything:
        if isinstance(url, str):
            self.opened.append(urlsplit(url).path)
        return Anything()

    async def presses(self, _words: str) -> Anything:
        return Anything()

    async def sends(self, _fields: Mapping[str, str]) -> Anything:
        return Anything()


class Ids(dict[str, str]):
    """Ids by any name."""

    def __missing__(self, name: str) -> str:
        self[name] = str(uuid4())
        return self[name]


def a_room_to_tour() -> "SampleRoom":
    """Return a room with links, though no stack runs."""
    from tests.system.browser.sample_room import SampleRoom

    process = SimpleNamespace(environment={"PRACTIO_LINK_KEYS": KEYS[0]})
    stack = SimpleNamespace(links=Links(PAGES, KEYS), pages_url=PAGES, pages=SimpleNamespace(process=process))
    room = OpenRoom(str(uuid4()), str(uuid4()))
    ids = {"session": str(uuid4()), "coming": str(uuid4()), "sponsor": str(uuid4())}
    return SampleRoom(cast("RunningStack", stack), room, Ids(), leave_form="", beside=Ids(), **ids)


def pages_at(path: str) -> Iterator[str]:
    """Yield the page at a path: its route, with the step that the path names."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            yield route.path.replace("{step}", str(found["path_params"].get("step", "")))


def every_page() -> set[str]:
    """Return the routes of all pages; one with steps, once for each."""
    paths = [route.path for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())]
    return {path.replace("{step}", step) for path in paths for step in STEPS.get(path, ("",))}


async def test_the_tours_lead_to_every_page() -> None:
    from tests.system.browser.tours import TOURS  # with a browser's library: loaded by the worker alone that runs this

    reader, room = NotingReader(), a_room_to_tour()
    for tour in TOURS.values():
        await tour(cast("Reader", reader), room)
    toured = {page for path in reader.opened for page in pages_at(path)}
    assert toured == every_page() - NO_PAGES.keys()


def test_what_is_no_page_is_named_only_if_it_is_there() -> None:
    assert NO_PAGES.keys() <= every_page()
    assert STEPS.keys() <= {route.path for route in ROUTES}
