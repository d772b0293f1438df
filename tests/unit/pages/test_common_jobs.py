"""Common jobs take few steps: the pages that a reader sees on the way, from the page of a letter on."""

from dataclasses import dataclass, field

from tests.unit.pages.builders import ADA, a_room_shown
from tests.unit.pages.every_page import (
    DESK,
    EVERY_PAGE,
    MOVED,
    QUEUE,
    STATED,
    Page,
    a_full_visit,
    filled_in,
)
from tests.unit.pages.hosts import BEN, a_roster, an_entry
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.membership import DecideRequests, GetRoster
from practio_contracts.rooms import GetRoom, PublishRoom, RescheduleSession


@dataclass
class Reader:
    """A reader who follows links and presses buttons by their words; ``pages`` are those that they came to."""

    visit: Visit
    seen: Seen
    pages: list[str] = field(default_factory=list)

    @classmethod
    async def at(cls, visit: Visit, page: Page) -> "Reader":
        """Return a reader who has opened a page."""
        return cls(visit, await visit.get(page.opened_by(visit)))

    async def follows(self, words: str) -> None:
        """Follow the link with these words."""
        [link] = [each for each in self.seen.html.select("a") if " ".join(each.get_text().split()) == words]
        await self._comes_to(await self.visit.get(str(link["href"])))

    async def presses(self, words: str, **entered: str) -> None:
        """Fill in the form with this button, press it, and follow where it leads."""
        form = self.seen.form(words)
        [button] = [each for each in form.select("button") if " ".join(each.get_text().split()) == words]
        pressed = {str(button["name"]): str(button["value"])} if button.get("name") else {}
        answer = await self.visit.post(str(form.get("action") or self.seen.path), filled_in(form) | entered | pressed)
        led = answer.answer.headers.get("location")
        await self._comes_to(await self.visit.get(led) if led else answer)

    async def _comes_to(self, seen: Seen) -> None:
        assert seen.status == 200
        self.seen = seen
        self.pages.append(seen.html.select_one("h1").get_text())  # type: ignore[union-attr]

    @property
    def sent(self) -> list[type]:
        """Return the commands that were sent."""
        return [type(each.command) for each in self.visit.gateway.sent]


async def test_a_room_is_started_and_published_on_three_pages() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetRoom] = a_room_shown(host_id=ADA, status="draft")
    reader = await Reader.at(visit, EVERY_PAGE["rooms"])
    await reader.follows("Start a room")
    await reader.follows("Describe the room")
    await reader.presses("Save and see the preview", **STATED)
    assert len(reader.pages) == 3
    await reader.presses("Publish the room")
    assert reader.sent[-1] is PublishRoom


async def test_a_request_is_decided_by_two_clicks_from_the_letter() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetRoster] = a_roster([an_entry(BEN)])
    reader = await Reader.at(visit, QUEUE)
    await reader.presses("Approve now")
    assert (len(reader.pages), reader.sent) == (1, [DecideRequests])


async def test_the_next_date_is_moved_on_three_pages() -> None:
    reader = await Reader.at(a_full_visit(), DESK)
    await reader.follows("Move the session")
    await reader.presses("Show what follows", **MOVED)
    assert (1 + len(reader.pages), reader.sent) == (3, [])
    await reader.presses("Move the session")
    assert reader.sent == [RescheduleSession]


async def test_any_date_is_moved_on_three_pages_from_the_list_of_sessions() -> None:
    reader = await Reader.at(a_full_visit(), EVERY_PAGE["desk-sessions"])
    await reader.follows("Move")
    await reader.presses("Show what follows", **MOVED)
    assert 1 + len(reader.pages) == 3
    await reader.presses("Move the session")
    assert reader.sent == [RescheduleSession]
