"""A page's links never outlast the link that it was opened by."""

import re
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM, a_room_shown, an_own_room, own_rooms
from tests.unit.pages.every_page import (
    END,
    EVERY_FORM,
    EVERY_PAGE,
    STOPPING,
    VERSION,
    Form,
    Page,
    a_full_visit,
    looked_at,
    pressed,
    routes_of,
)
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetHistory, GetMembership, GetRoster, ListMemberships, Memberships
from practio_contracts.rooms import GetRoom, ListOwnRooms, OwnOffice
from practio_pages.app import PAGES

TOKEN = re.compile(
    rf"/({'|'.join(set(Purpose) - {Purpose.CALENDAR, Purpose.CERTIFICATE, Purpose.CHECK_IN})})/([^/?#\s]+)"
)
"""A link for its reader that ends with the one that its page was opened by.

test_calendar_page.py, test_certificates.py and test_check_in_page.py have the others.
"""

MADE = {
    "way": {"desk", "memory", "feedback", "session", "queue", "preferences", "introduce"},
    "session": {"way", "memory", "desk", "feedback"},
    "session-about-to-begin": {"way", "memory", "desk"},
    "feedback": {"way"},
    "desk-notes": {"memory", "way"},
    "desk-thanks": {"memory", "way"},
    "thanks": {"way"},
    "memory": {"way", "desk"},
    "desk": {"way", "queue", "session"},
    "desk-sessions": {"session"},
    "desk-people": {"queue"},
    "queue": {"desk"},
    "stop": {"preferences"},
    "preferences": {"me"},
    "leave-everything": {"desk"},
    "care": {"desk", "queue", "rooms"},
    "rooms": {"care", "way", "desk", "queue", "start", "me", "introduce", "session", "sponsor"},
    "start": {"rooms"},
    "new-room": {"rooms"},
    "draft": {"desk", "rooms"},
    "preview": {"desk", "rooms"},
    "room-of-rooms": {"way"},
}
"""The purposes of the links that a page makes, besides the one that it was opened by."""


def links_on(visit: Visit, seen: Seen) -> list[Link]:
    """Return the links to other pages of the person, read."""
    found = TOKEN.findall(" ".join(str(each.get("href") or each.get("action")) for each in seen.html.select("a, form")))
    return [visit.site.links.read(token, Purpose(purpose)) for purpose, token in dict.fromkeys(found)]


def test_every_page_is_opened() -> None:
    visit = a_full_visit()
    opened = routes_of("GET", [page.opened_by(visit) for page in EVERY_PAGE.values()])
    assert opened == {route.path for route in PAGES if "GET" in (route.methods or ())}


@every_case(("name", "page"), EVERY_PAGE.items(), ids=EVERY_PAGE)
async def test_the_links_of_a_page_end_with_the_link_that_it_was_opened_by_and_carry_its_version(
    name: str, page: Page
) -> None:
    seen = await looked_at(page)
    assert seen.status == 200
    found = links_on(a_full_visit(), seen)
    assert {link.purpose for link in found} - {page.purpose} == MADE.get(name, set())
    for link in found:
        assert (link.person_id, link.locale, link.time_zone) == (ADA, "en", "Europe/Rome")
        assert (link.not_after, link.version) == (END, VERSION)
        if page.purpose not in (Purpose.ROOMS, Purpose.CARE, Purpose.START, Purpose.SPONSOR) or link.purpose in (
            Purpose.WAY,
            Purpose.DESK,
        ):
            assert link.room_id == ROOM


async def test_a_page_that_a_persons_own_rooms_lead_to_leads_back_there() -> None:
    visit = a_full_visit()
    for path in ("/data", "/leave"):
        for room, expected in ((None, [Purpose.ROOMS]), (ROOM, [])):
            link = Link(Purpose.ME, ADA, room, locale="en", time_zone="Europe/Rome", not_after=END)
            seen = await visit.get(visit.path(link) + path)
            back = [each for each in links_on(visit, seen) if each.purpose == Purpose.ROOMS]
            assert [(each.purpose, each.not_after) for each in back] == [(each, END) for each in expected]


@every_case("form", [*EVERY_FORM.values(), STOPPING], ids=[*EVERY_FORM, "stop"])
async def test_the_links_of_the_page_after_a_form_end_with_it_too(form: Form) -> None:
    visit, done = await pressed(form)
    assert done.status == 200
    assert {link.not_after for link in links_on(visit, done)} <= {END}


def a_visit_of_a_draft() -> Visit:
    """Return a full visit of ADA, the host of a draft: membership does not know it."""
    visit = a_full_visit()
    others = (an_own_room(each, room_id=UUID(int=99)) for each in OwnOffice if each is not OwnOffice.HOST)
    visit.gateway.answers |= {
        GetRoom: a_room_shown(host_id=ADA, status="draft"),
        ListMemberships: Memberships(memberships=[]),
        ListOwnRooms: own_rooms(an_own_room("host", host_id=ADA, status="draft"), *others),
        **dict.fromkeys((GetMembership, GetHistory, GetRoster), Refusal(code="room-unknown", detail="x")),
    }
    return visit


@every_case(("name", "page"), EVERY_PAGE.items(), ids=EVERY_PAGE)
async def test_no_page_of_a_draft_leads_its_host_to_their_place_in_it(name: str, page: Page) -> None:
    visit = a_visit_of_a_draft()
    found = links_on(visit, await visit.get(page.opened_by(visit)))
    in_the_draft = {link.purpose for link in found if link.room_id == ROOM} - {page.purpose}
    assert Purpose.WAY not in in_the_draft
    if name == "rooms":
        assert Purpose.DESK in in_the_draft
        assert Purpose.SESSION not in in_the_draft


async def test_a_link_to_ones_place_in_a_draft_leads_its_host_to_the_desk() -> None:
    visit = a_visit_of_a_draft()
    seen = await visit.get(EVERY_PAGE["way"].opened_by(visit))
    assert (seen.status, TOKEN.match(seen.answer.headers["location"])[1]) == (303, Purpose.DESK)  # type: ignore[index]
