"""How long a page waits for the services, counted in rounds of queries: those of one round are asked side by side."""

import asyncio
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, a_membership
from tests.unit.pages.every_page import EVERY_PAGE, Page, a_full_visit, with_parts
from tests.unit.pages.hosts import BEN
from tests.unit.pages.sites import Visit

from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    Explain,
    GetMembership,
    GetRoster,
    ListMemberships,
    Memberships,
    RoomTitle,
    Status,
)
from practio_contracts.message import Query
from practio_contracts.notifications import GetPreferences, NamePeople, Preferences
from practio_contracts.rooms import GetRoom
from practio_pages.gateway import Gateway

USUAL = 3
"""The link is checked, the page is asked for, and then the names of those on it."""

ROUNDS = {
    **dict.fromkeys(("desk-notes", "memory", "new-desk-note", "new-note", "desk-note", "note"), 4),
    **dict.fromkeys(("home", "room", "link"), 1),
    **dict.fromkeys(("rooms", "care", "desk-person", "desk-report"), 2),
}
"""The pages that take more rounds, since the room decides what they ask, and those that may take fewer."""

Round = list[type[Query]]


class WaitingGateway(Gateway):
    """Answers nothing until everything that can be asked has been asked; that is a round."""

    def __init__(self, prepared: Gateway) -> None:
        super().__init__("amqp://pages:unused@nowhere/practio")
        self.rounds: list[Round] = []
        self._prepared = prepared
        self._asked: list[tuple[Query, asyncio.Future[None]]] = []

    async def ask(self, query: Query, answer: type[Any], *, actor: UUID) -> Any:
        released = asyncio.get_running_loop().create_future()
        self._asked.append((query, released))
        await released
        return await self._prepared.ask(query, answer, actor=actor)

    async def answer_a_round(self) -> None:
        """Let everything run that waits for no answer, then answer what was asked meanwhile."""
        for _ in range(50):
            await asyncio.sleep(0)
        asked, self._asked = self._asked, []
        if asked:
            self.rounds.append([type(query) for query, _ in asked])
        for _, released in asked:
            released.set_result(None)


async def rounds_of(visit: Visit, path: str, *, status: int | None = 200) -> list[Round]:
    """Return the queries of a page by rounds; it has this ``status``, or any."""
    gateway = WaitingGateway(visit.gateway)
    with_parts(visit, gateway=gateway)
    page = asyncio.create_task(visit.get(path))
    while not page.done():
        await gateway.answer_a_round()
    assert (await page).status == (status or (await page).status)
    return gateway.rounds


def with_memberships(count: int, *, titles: bool) -> Visit:
    """Return a visit of somebody who waits in ``count`` rooms."""
    visit = a_full_visit()
    memberships = [a_membership(Status.WAITLISTED, room_id=UUID(int=100 + number)) for number in range(count)]
    named = [RoomTitle(room_id=each.room_id, title=f"Room {each.room_id.int}") for each in memberships]
    visit.gateway.answers[ListMemberships] = Memberships(memberships=memberships, titles=named if titles else [])
    visit.gateway.answers[GetPreferences] = Preferences(person_id=ADA)
    return visit


@every_case("name", EVERY_PAGE)
async def test_a_page_takes_no_more_rounds_than_it_must(name: str) -> None:
    visit = a_full_visit()
    rounds = await rounds_of(visit, EVERY_PAGE[name].opened_by(visit))
    assert len(rounds) <= ROUNDS.get(name, USUAL), rounds


@every_case(
    ("step", "asked"),
    [
        ("remove", [GetMembership, GetRoom, GetRoster, NamePeople]),
        ("buddy", [GetMembership, GetRoom, GetRoster, NamePeople]),
        ("role", [GetMembership, GetRoom, NamePeople]),
        ("priority", [Explain, GetMembership, GetRoom, NamePeople]),
    ],
)
async def test_a_step_about_a_person_asks_for_what_its_page_shows(step: str, asked: Round) -> None:
    visit = a_full_visit()
    rounds = await rounds_of(visit, Page(Purpose.DESK, f"/people/{BEN}/{step}").opened_by(visit), status=None)
    assert rounds[0] == [GetPreferences]
    assert sorted((query for each in rounds[1:] for query in each), key=lambda each: each.__name__) == asked
    assert len(rounds) <= USUAL, rounds


@every_case(("purpose", "count", "most"), [(Purpose.ROOMS, 20, 7), (Purpose.PREFERENCES, 50, 3)])
async def test_the_titles_of_rooms_come_with_the_memberships(purpose: Purpose, count: int, most: int) -> None:
    visit = with_memberships(count, titles=True)
    rounds = await rounds_of(visit, visit.path(Link(purpose, ADA)))
    assert sum(len(each) for each in rounds) <= most, rounds


@every_case(("purpose", "count"), [(Purpose.ROOMS, 20), (Purpose.PREFERENCES, 50)])
async def test_titles_that_did_not_come_are_asked_for_in_one_round(purpose: Purpose, count: int) -> None:
    visit = with_memberships(count, titles=False)
    rounds = await rounds_of(visit, visit.path(Link(purpose, ADA)))
    assert (len(rounds), rounds[-1]) == (3, [GetRoom] * count)
