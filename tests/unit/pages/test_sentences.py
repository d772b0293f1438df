"""What a page says leads to something that works: its links, and the people whom it names."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urljoin, urlsplit

from babel.messages.pofile import read_po
from babel.support import Translations
from deploy.languages import SERVICES
from tests.support.promises import FOR_SURE
from tests.support.thorough import in_turn
from tests.unit.pages.builders import a_membership, a_membership_result, a_room_shown
from tests.unit.pages.every_page import EVERY_PAGE, STOP, VERSION, a_full_visit, looked_at
from tests.unit.pages.sites import Seen, Visit
from tests.unit.pages.test_links_between_pages import TOKEN

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import DeclineOffer, GetMembership, ListMemberships, Memberships, Status
from practio_contracts.rooms import AgendaFound, GetRoom, ListAgenda, ListOwnRooms, OwnRooms
from practio_pages.site import CATALOGUES


def links_of(seen: Seen) -> set[str]:
    """Return the links of a page to this site."""
    found = (urljoin(seen.path, str(each["href"])) for each in seen.html.select("a[href]"))
    return {link for link in found if link.startswith("/")}


def language_of(link: str) -> str | None:
    """Return the language that a link asks for, if it asks for one."""
    return dict(parse_qsl(urlsplit(link).query)).get("lang")


def content_of(visit: Visit, link: str) -> str:
    """Return where a link leads, without its end: several pages lead there, at different seconds."""
    found = TOKEN.match(link)
    if found is None:
        return link
    read = visit.site.links.read(found[2], Purpose(found[1]))
    return f"{replace(read, not_after=None)}{link[found.end() :]}"


async def links_that_fail(visit: Visit, links: set[str]) -> list[str]:
    """Return the links that do not open."""
    return [link for link in sorted(links) if (await visit.get(link)).status != 200]


async def test_every_link_of_every_page_opens() -> None:
    """Thoroughly, each page in each language; otherwise in one, which is another for the next page."""
    visit = a_full_visit()
    visit.gateway.link_version = VERSION
    looked = [await looked_at(page) for page in EVERY_PAGE.values()]
    opened = {content_of(visit, seen.path) for seen in looked if seen.status == 200}
    for seen, language in in_turn(looked, sorted(CATALOGUES.languages)):
        found = [link for link in links_of(seen) if language_of(link) in (None, language)]
        links = {content_of(visit, link): link for link in found}
        assert await links_that_fail(visit, {links[each] for each in links.keys() - opened}) == [], seen.path
        opened |= links.keys()


async def test_a_room_that_can_no_longer_be_shown_is_listed_without_a_link() -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    visit.gateway.answers[ListMemberships] = Memberships(memberships=[a_membership(Status.ENDED)])
    visit.gateway.answers[ListOwnRooms] = OwnRooms(rooms=[], after=None)
    visit.gateway.answers[ListAgenda] = AgendaFound(sessions=[], after=None)
    seen = await visit.get(EVERY_PAGE["rooms"].opened_by(visit) + "?ended")
    assert "A room that is no longer shown" in seen.words
    assert await links_that_fail(visit, links_of(seen)) == []


def test_no_sentence_sends_its_reader_to_somebody_whom_they_cannot_reach() -> None:
    translations = CATALOGUES.translations("de")
    assert isinstance(translations, Translations)
    sentences = [text for text in translations._catalog if isinstance(text, str)]
    assert len(sentences) > 100
    assert [text for text in sentences if re.search(r"\bask the (host|person|facilitator|steward)", text, re.I)] == []


SETTINGS = {
    "From now on, a free seat is given to the next person on the waitlist, without asking them.",
    "From now on, the next person on the waitlist accepts or declines a free seat.",
    "is given to the next person on the waitlist at once",
    "is offered to the next person on the waitlist",
}
"""How a room gives its free seats, as its host sets it."""


def test_no_sentence_promises_a_seat_to_somebody_who_may_not_be_there() -> None:
    with (SERVICES / "pages/practio_pages/locales/pages.pot").open("rb") as template:
        sentences = [str(each.id) for each in read_po(template)]
    promises = [each for each in sentences if re.search(FOR_SURE, each, re.IGNORECASE)]
    assert set(promises) >= SETTINGS
    assert [each for each in promises if "if there is one" not in each and each not in SETTINGS] == []


async def test_a_declined_seat_is_promised_to_nobody() -> None:
    visit = a_full_visit()
    visit.gateway.answers |= {
        GetRoom: a_room_shown(),
        GetMembership: a_membership_result(Status.OFFERED, DeclineOffer.routing_key),
    }
    done = await visit.press(await visit.get(EVERY_PAGE["way"].opened_by(visit)), "Decline the seat")
    assert "you have declined the seat" in done.words


async def test_who_stops_the_requests_reads_that_long_waiting_ones_still_come() -> None:
    """Letters about requests that nobody decides for days are transactional, and cannot be stopped."""
    visit = a_full_visit()
    seen = await visit.get(replace(STOP, category="digest").opened_by(visit))
    done = await visit.press(seen, "Stop these emails")
    for page in (seen, done):
        assert "you still get one email about it" in page.words
