"""Many rooms seen from above: all that a person runs, with the signs that they are quiet in words."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, NOW, an_own_room, own_rooms
from tests.unit.pages.sites import Seen, Visit, a_visit
from tests.unit.pages.test_my_rooms_page import HERS, with_own

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import ListOwnRooms, OwnOffice, OwnOrder, OwnRoom, RoomStatus

CARE = Link(Purpose.CARE, ADA, locale="en", time_zone="Europe/Rome")
QUIET: dict[str, Any] = {"signs": ["no-coming-session", "requests-unanswered"], "quiet_since": NOW - timedelta(days=20)}


def room(number: int, office: str = "steward", **fields: Any) -> OwnRoom:
    about: dict[str, Any] = {"room_id": UUID(int=number), "title": f"Room {number}"}
    return an_own_room(office, **(about | fields))


def with_rooms(*rooms: OwnRoom, pages: int = 100) -> Visit:
    visit = a_visit()
    visit.gateway.answers[ListOwnRooms] = own_rooms(*rooms, pages=pages)
    return visit


async def care_page(visit: Visit, query: str = "") -> Seen:
    return await visit.get(visit.path(CARE) + query)


def cards(seen: Seen) -> list[str]:
    return [each.words for each in seen.html.select(".cards > li")]


async def test_each_room_has_its_signs_in_words_and_leads_to_its_desk_and_requests() -> None:
    visit = with_rooms(room(1, pending=2, **QUIET), room(2, "facilitator", next_session_at=NOW))
    seen = await care_page(visit)
    first, second = cards(seen)
    assert "No session is planned." in first
    assert "waiting a long time for an answer" in first
    assert "Quiet since" in first
    assert "2 requests wait for a decision." in first
    assert "Nothing needs your attention here." in second
    assert "You facilitate it" in second
    desks = [str(each["href"]) for each in seen.html.select(".cards h2 a")]
    read = [visit.site.links.read(each.rpartition("/")[2], Purpose.DESK) for each in desks]
    assert [each.room_id for each in read] == [UUID(int=1), UUID(int=2)]


@every_case("sign", ["no-coming-session", "none-held", "few-come", "requests-unanswered", "no-host"], ids=str)
async def test_every_sign_has_words(sign: str) -> None:
    [card] = cards(await care_page(with_rooms(room(1, signs=[sign], quiet_since=NOW))))
    assert sign not in card
    assert "Nothing needs" not in card


@every_case(("pending", "comes", "is_stated"), [(0, True, True), (3, True, False), (0, False, False)])
async def test_nothing_needs_attention_only_if_nobody_waits_and_a_session_comes(
    pending: int, comes: bool, is_stated: bool
) -> None:
    own = room(1, pending=pending, next_session_at=NOW if comes else None)
    [card] = cards(await care_page(with_rooms(own)))
    assert ("Nothing needs your attention" in card) is is_stated


async def test_it_asks_once_for_a_page_of_open_rooms_worst_first() -> None:
    visit = with_rooms(room(1, **QUIET))
    await care_page(visit, "?show=quiet&office=steward")
    [query] = [query for query, _ in visit.gateway.queries if isinstance(query, ListOwnRooms)]
    assert (query.order, query.runs, query.quiet, query.office) == (OwnOrder.QUIETEST, True, True, OwnOffice.STEWARD)
    assert query.status == [RoomStatus.PUBLISHED, RoomStatus.CLOSED]
    assert query.limit == 20


async def test_only_quiet_rooms_or_those_of_one_office_are_shown_on_request() -> None:
    visit = with_rooms(room(1, **QUIET), room(2), room(3, "facilitator", **QUIET))
    assert len(cards(await care_page(visit))) == 3
    seen = await care_page(visit, "?show=quiet")
    assert [card[:6] for card in cards(seen)] == ["Room 1", "Room 3"]
    assert "Only quiet rooms" in [each.get_text() for each in seen.html.select("[aria-current=true]")]
    assert [card[:6] for card in cards(await care_page(visit, "?show=quiet&office=facilitator"))] == ["Room 3"]
    assert len(cards(await care_page(visit, "?office=nobody"))) == 3


async def test_the_list_has_pages_that_keep_what_is_shown() -> None:
    visit = with_rooms(*(room(number, **QUIET) for number in range(1, 4)), pages=2)
    seen = await care_page(visit, "?show=quiet")
    [more] = seen.html.select("a[rel=next]")
    rest = await visit.get(str(more["href"]))
    assert [card[:6] for card in cards(rest)] == ["Room 3"]
    [query] = [query for query, _ in visit.gateway.queries if isinstance(query, ListOwnRooms)][-1:]
    assert query.quiet


async def test_a_person_without_rooms_reads_so() -> None:
    assert "You do not look after any rooms yet." in (await care_page(with_rooms())).words
    assert "You do not hold this office in any room." in (await care_page(with_rooms(), "?office=steward")).words
    assert "None of these rooms is quiet." in (await care_page(with_rooms(), "?show=quiet")).html.get_text()


@every_case(("query", "status"), [("", 503), ("?after=made-up", 303)])
async def test_a_release_that_does_not_know_the_order_is_no_empty_list(query: str, status: int) -> None:
    visit = a_visit()
    visit.gateway.answers[ListOwnRooms] = Refusal(code="invalid", detail="order: unknown field")
    assert (await care_page(visit, query)).status == status


@every_case(("office", "is_shown"), [("host", False), ("facilitator", True), ("steward", True)])
async def test_own_rooms_lead_there_for_facilitators_and_stewards(office: str, is_shown: bool) -> None:
    seen = await with_own(an_own_room(office)).get(with_own().path(HERS))
    links = [each for each in seen.html.select("a") if "/care/" in str(each["href"])]
    assert bool(links) is is_shown
