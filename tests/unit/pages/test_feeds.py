"""Public rooms for readers and programs: feeds, a calendar, and what search engines may read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

from icalendar import Calendar, Event
from tests.support.every_case import every_case
from tests.unit.pages.builders import HOST, NOW, ROOM, a_room, a_room_found, a_session, rooms_found
from tests.unit.pages.every_page import EVERY_PAGE, a_full_visit, with_parts
from tests.unit.pages.sites import PAGES, Seen, Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetRoom, RoomResult, SearchOrder, SearchRooms
from practio_pages.pages.public_rooms import MOST_ROOMS, MOST_ROOMS_WITH_DATES
from practio_pages.pages.room_feeds import ATOM
from practio_pages.rates import Meter
from practio_pages.recent_answers import RecentAnswers
from practio_pages.site import NOBODY

FEEDS = ["/rooms.atom", "/rooms.json", "/sessions.ics"]
XML = "{http://www.w3.org/XML/1998/namespace}"
COMING = a_session(starts_at=NOW, ends_at=NOW + timedelta(minutes=90), topic="A hard start", revision=3)
EVIL = 'Hard & soft </script><b>x</b> "q" \x0b\ufffe 🌱'


def with_rooms(*rooms: Any, sessions: Any = (COMING,), **fields: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers[SearchRooms] = rooms_found(*(rooms or (a_room_found(published_at=NOW, **fields),)))
    visit.gateway.answers[GetRoom] = lambda query: RoomResult(
        room=a_room(**fields | {"room_id": query.room_id}),
        sessions=[each.model_copy(update={"room_id": query.room_id}) for each in sessions],
    )
    return visit


def atom_in(seen: Seen) -> ElementTree.Element:
    assert seen.answer.headers["content-type"] == "application/atom+xml"
    return ElementTree.fromstring(seen.answer.content)


def text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{{{ATOM}}}{name}") or ""


def links(element: ElementTree.Element) -> dict[str, str]:
    return {each.attrib["rel"]: each.attrib["href"] for each in element.findall(f"{{{ATOM}}}link")}


def json_in(seen: Seen) -> dict[str, Any]:
    assert seen.answer.headers["content-type"] == "application/feed+json"
    found: dict[str, Any] = json.loads(seen.answer.content)
    return found


def events_in(seen: Seen) -> list[Event]:
    assert seen.answer.headers["content-type"].startswith("text/calendar")
    return [each for each in Calendar.from_ical(seen.answer.content).walk("VEVENT") if isinstance(each, Event)]


async def test_atom_has_everything_that_the_standard_asks_for() -> None:
    visit = with_rooms(purpose="Think it through", domain="Leading")
    feed = atom_in(await visit.get("/rooms.atom"))
    assert (feed.tag, feed.attrib[f"{XML}lang"]) == (f"{{{ATOM}}}feed", "en")
    assert text(feed, "id").startswith("urn:uuid:")
    assert (text(feed, "title"), text(feed, "updated")) == ("Rooms on Practio", f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    assert links(feed) == {"self": f"{PAGES}/rooms.atom", "alternate": f"{PAGES}/"}
    (entry,) = feed.findall(f"{{{ATOM}}}entry")
    assert text(entry, "id") == ROOM.urn
    assert links(entry) == {"alternate": f"{PAGES}/room/{ROOM}"}
    assert text(entry, "summary") == "Think it through"
    assert "Intervision · Online · English" in text(entry, "content")
    assert [each.attrib["term"] for each in entry.findall(f"{{{ATOM}}}category")] == [
        "Leading",
        "intervision",
        "online",
    ]
    assert {actor for _, actor in visit.gateway.queries} == {NOBODY}


async def test_json_feed_has_everything_that_the_standard_asks_for() -> None:
    feed = json_in(await with_rooms(purpose="Think it through").get("/rooms.json?lang=de&format=intervision"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{PAGES}/rooms.json?format=intervision&lang=de"
    assert feed["home_page_url"] == f"{PAGES}/?format=intervision&lang=de"
    assert (feed["language"], feed["title"]) == ("de", "Räume auf Practio")
    (item,) = feed["items"]
    assert (item["id"], item["url"]) == (ROOM.urn, f"{PAGES}/room/{ROOM}?lang=de")
    assert (item["date_published"], item["summary"]) == (f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "Think it through")


async def test_the_calendar_has_dates_without_places_under_ids_of_its_own() -> None:
    secret = COMING.model_copy(update={"place": "Via Po 1", "meeting_url": "https://meet.example.org/x"})
    visit = with_rooms(
        a_room_found(next_session_at=NOW), sessions=[secret.model_copy(update={"status": "cancelled"}), COMING]
    )
    seen = await visit.get("/sessions.ics")
    (event,) = events_in(seen)
    assert (event["UID"], event["SEQUENCE"]) == (f"public-{COMING.session_id}", 3)
    assert isinstance(event.start, datetime)
    assert event.start.astimezone(UTC) == NOW
    assert str(event["SUMMARY"]) == "A hard start (Intervision for team leads)"
    assert str(event["URL"]) == f"{PAGES}/room/{ROOM}"
    assert [name for name in ("LOCATION", "DESCRIPTION", "ORGANIZER", "ATTENDEE") if name in event] == []
    assert Calendar.from_ical(seen.answer.content)["NAME"] == "Sessions on Practio"


@every_case("path", FEEDS)
@every_case("fields", [{"status": "closed"}, {"status": "draft"}, {"access": {"policy": "invitation"}}])
async def test_rooms_that_take_nobody_in_or_only_by_invitation_are_never_passed_on(
    path: str, fields: dict[str, Any]
) -> None:
    visit = with_rooms(a_room_found(title="Hidden", published_at=NOW, next_session_at=NOW, **fields))
    assert "Hidden" not in (await visit.get(path)).answer.text
    page = await with_rooms(**fields).get(f"/room/{ROOM}")
    assert (page.status, page.answer.headers["x-robots-tag"]) == (200, "noindex")
    assert page.html.select("script, meta[property], link[rel=canonical]") == []


async def test_a_room_that_was_closed_since_the_search_shows_no_dates() -> None:
    visit = with_rooms(a_room_found(next_session_at=NOW), status="closed")
    assert events_in(await visit.get("/sessions.ics")) == []
    visit = with_rooms(a_room_found(next_session_at=NOW))
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="there is no such room")
    assert events_in(await visit.get("/sessions.ics")) == []


async def test_nobody_is_named() -> None:
    visit = a_full_visit()
    for path in [*FEEDS, f"/room/{ROOM}"]:
        assert str(HOST) not in (await visit.get(path)).answer.text


@every_case("path", FEEDS)
async def test_what_people_write_never_breaks_a_feed(path: str) -> None:
    visit = with_rooms(
        a_room_found(title=EVIL, purpose=EVIL, domain=EVIL, for_whom=EVIL, published_at=NOW, next_session_at=NOW),
        title=EVIL,
        purpose=EVIL,
    )
    seen = await visit.get(path)
    shown = 'Hard & soft </script><b>x</b> "q"'
    match path:
        case "/rooms.atom":
            (entry,) = atom_in(seen).findall(f"{{{ATOM}}}entry")
            assert (text(entry, "title"), shown in text(entry, "content")) == (f"{shown}  🌱", True)
        case "/rooms.json":
            (item,) = json_in(seen)["items"]
            assert (item["title"], shown in item["content_text"]) == (f"{shown}  🌱", True)
        case _:
            (event,) = events_in(seen)
            assert shown in str(event["SUMMARY"])


async def test_what_people_write_never_leaves_the_data_of_a_room_page() -> None:
    seen = await with_rooms(title=EVIL, purpose=EVIL).get(f"/room/{ROOM}")
    (script,) = seen.html.select("script")
    assert (script["type"], seen.html.select("b")) == ("application/ld+json", [])
    (event,) = json.loads(script.get_text())
    assert event["name"] == f"{EVIL}: A hard start"
    assert seen.html.select_one('meta[property="og:title"]')["content"] == EVIL  # type: ignore[index]


async def test_a_public_room_page_says_what_it_is_to_programs() -> None:
    seen = await with_rooms(mode="hybrid", place="Via Po 1", meeting_url="https://meet.example.org/x").get(
        f"/room/{ROOM}"
    )
    (event,) = json.loads(seen.html.select_one("script").get_text())  # type: ignore[union-attr]
    assert (event["@context"], event["@type"]) == ("https://schema.org", "Event")
    assert datetime.fromisoformat(event["startDate"]) == NOW
    assert event["startDate"].endswith("+01:00")
    assert event["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [each["@type"] for each in event["location"]] == ["VirtualLocation", "Place"]
    head = str(seen.html.select_one("head"))
    assert [each for each in ("Via Po", "meet.example.org", str(HOST)) if each in head] == []
    assert seen.answer.headers["x-robots-tag"] == "all"
    found = {str(each["property"]): each["content"] for each in seen.html.select("meta[property]")}
    assert found["og:url"] == f"{PAGES}/room/{ROOM}"
    assert [each["href"] for each in seen.html.select("link[rel=canonical]")] == [f"{PAGES}/room/{ROOM}"]
    assert len(seen.html.select("link[hreflang]")) == 5


@every_case("name", EVERY_PAGE)
async def test_nothing_but_a_public_room_may_be_listed_or_kept(name: str) -> None:
    visit = a_full_visit()
    answer = (await visit.get(EVERY_PAGE[name].opened_by(visit))).answer
    is_public = name in ("room", "rooms-atom", "rooms-json", "sessions-ics", "robots")
    assert (answer.headers["x-robots-tag"] == "all") is (name == "room")
    assert answer.headers["cache-control"].startswith("public") is is_public


@every_case("path", [*FEEDS, f"/room/{ROOM}", "/robots.txt"])
async def test_who_has_the_answer_already_is_answered_304(path: str) -> None:
    visit = with_rooms(a_room_found(published_at=NOW, next_session_at=NOW))
    first = (await visit.get(path)).answer
    again = (await visit.get(path, **{"if-none-match": f'"other", {first.headers["etag"]}'})).answer
    assert (again.status_code, again.content) == (304, b"")
    same = ("etag", "cache-control", "vary")
    assert [again.headers[name] for name in same] == [first.headers[name] for name in same]
    other = (await visit.get(f"{path}?lang=de", **{"if-none-match": first.headers["etag"]})).answer
    assert other.status_code == (304 if path == "/robots.txt" else 200)


@every_case("path", FEEDS)
async def test_many_readers_cost_the_services_as_much_as_one(path: str) -> None:
    visit = with_rooms(a_room_found(published_at=NOW, next_session_at=NOW))
    await visit.get(path)
    asked = len(visit.gateway.queries)
    for language in ("de", "fr", "en"):
        await visit.get(f"{path}?lang={language}")
    assert len(visit.gateway.queries) == asked


@every_case("path", FEEDS)
async def test_a_client_that_reads_too_often_learns_when_to_come_back(path: str) -> None:
    visit = with_rooms()
    with_parts(visit, meter=Meter(reading="2 per hour"))
    assert [(await visit.get(path)).status for _ in range(3)] == [200, 200, 429]
    answer = (await visit.get(path)).answer
    assert (answer.headers["content-type"], "GMT" in answer.headers["retry-after"]) == (
        "text/plain; charset=utf-8",
        True,
    )


@every_case("path", FEEDS)
async def test_without_an_answer_there_is_plain_text_and_the_next_reader_asks_again(path: str) -> None:
    visit = with_rooms()
    visit.gateway.is_away = True
    answer = (await visit.get(path)).answer
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["cache-control"]) == (
        503,
        "600",
        "no-store",
    )
    visit.gateway.is_away = False
    assert (await visit.get(path)).status == 200


@every_case(("path", "most"), [("/rooms.atom", MOST_ROOMS), ("/sessions.ics", MOST_ROOMS_WITH_DATES)])
async def test_a_feed_asks_for_so_many_rooms_in_its_order_whatever_its_address_says(path: str, most: int) -> None:
    visit = with_rooms()
    await visit.get(f"{path}?mode=online&after=x&order=soonest&limit=100")
    order = SearchOrder.SOONEST if path == "/sessions.ics" else SearchOrder.NEWEST
    stated = {"mode": "online", "limit": most, "order": order}
    assert [query for query, _ in visit.gateway.queries if isinstance(query, SearchRooms)] == [
        SearchRooms.model_validate(stated | {"policy": policy}) for policy in ("open", "approval")
    ]
    visit = with_rooms()
    await visit.get(f"{path}?policy=open")
    searches = [query for query, _ in visit.gateway.queries if isinstance(query, SearchRooms)]
    assert [query.policy for query in searches] == ["open"]


@every_case(("path", "most"), [("/rooms.atom", MOST_ROOMS), ("/sessions.ics", MOST_ROOMS_WITH_DATES)])
async def test_rooms_by_invitation_take_no_place_of_others(path: str, most: int) -> None:
    policies = ["invitation"] * 60 + ["open", "approval"] * most
    rooms = [
        a_room_found(
            room_id=UUID(int=1_000 + number),
            title=f"Room {number}",
            access={"policy": policy},
            published_at=NOW - timedelta(hours=number),
            next_session_at=NOW + timedelta(hours=number),
        )
        for number, policy in enumerate(policies)
    ]
    visit = with_rooms()
    visit.gateway.answers[SearchRooms] = lambda query: rooms_found(
        *[each for each in rooms if query.policy in (None, each.access.policy)][: query.limit]
    )
    seen = await visit.get(path)
    if path == "/rooms.atom":
        found = [text(each, "title") for each in atom_in(seen).findall(f"{{{ATOM}}}entry")]
        assert found == [f"Room {number}" for number in range(60, 60 + most)]
    else:
        asked = {query.room_id for query, _ in visit.gateway.queries if isinstance(query, GetRoom)}
        assert asked == {UUID(int=1_000 + number) for number in range(60, 60 + most)}


async def test_a_feed_without_rooms_is_a_feed() -> None:
    visit = with_rooms()
    visit.gateway.answers[SearchRooms] = rooms_found()
    assert text(atom_in(await visit.get("/rooms.atom")), "updated") == "1970-01-01T00:00:00Z"
    assert json_in(await visit.get("/rooms.json"))["items"] == []
    assert events_in(await visit.get("/sessions.ics")) == []


async def test_the_search_leads_to_the_feeds_of_what_was_searched() -> None:
    seen = await with_rooms().get("/?mode=online&lang=fr")
    found = [str(each["href"]) for each in seen.html.select("link[rel=alternate]")]
    assert found == [f"/rooms.{kind}?mode=online&lang=fr" for kind in ("atom", "json")]
    assert "/sessions.ics?mode=online&lang=fr" in [each["href"] for each in seen.html.select("a")]


async def test_robots_may_fetch_everything() -> None:
    answer = (await a_visit().get("/robots.txt")).answer
    assert answer.text.splitlines()[1:] == ["User-agent: *", "Disallow:"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_an_answer_is_kept_for_a_moment_and_few_are() -> None:
    clock, asked = Clock(), []
    recent = RecentAnswers(seconds=60, most_keys=2, clock=clock)

    async def get(key: str) -> int:
        async def ask() -> int:
            asked.append(key)
            return len(asked)

        return await recent.get(key, ask)

    assert [await get("a"), await get("a"), await get("b")] == [1, 1, 2]
    clock.now = 60.0
    assert [await get("a"), await get("b"), await get("c")] == [3, 4, 5]
    assert (len(recent), await get("a")) == (2, 6)


@every_case("kind", ["rooms-atom", "sessions-ics"])
async def test_ids_of_entries_never_change(kind: str) -> None:
    first = with_rooms(a_room_found(published_at=NOW, next_session_at=NOW, title="Before", room_id=UUID(int=9)))
    later = with_rooms(a_room_found(published_at=NOW, next_session_at=NOW, title="After", room_id=UUID(int=9)))
    path = EVERY_PAGE[kind].path
    if kind == "rooms-atom":
        ids = [[text(each, "id") for each in atom_in(await visit.get(path)).iter()] for visit in (first, later)]
    else:
        ids = [[str(each["UID"]) for each in events_in(await visit.get(path))] for visit in (first, later)]
    assert ids[0] == ids[1]
