"""Finding rooms, with a link and without."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import (
    ADA,
    NOW,
    ROOM,
    a_link_to_rooms,
    a_room,
    a_room_found,
    a_room_shown,
    rooms_found,
)
from tests.unit.pages.sites import Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import GetRoom, RoomResult, SearchRooms
from practio_pages.site import NOBODY


def with_rooms(*rooms: Any, after: str | None = None) -> Visit:
    visit = a_visit()
    visit.gateway.answers[SearchRooms] = rooms_found(*rooms, after=after)
    return visit


async def test_a_visitor_finds_rooms_with_the_details_that_matter() -> None:
    visit = with_rooms(a_room_found(seats_free=2, waiting=0, next_session_at=NOW))
    seen = await visit.get("/")
    assert seen.status == 200
    expected = ("Intervision for team leads", "Think through", "2 seats are free", "Online", "English", "19:00")
    assert [words for words in expected if words not in seen.words] == []
    assert [each["href"] for each in seen.html.select(".cards a")] == [f"/room/{ROOM}"]
    assert {actor for _, actor in visit.gateway.queries} == {NOBODY}


@every_case(
    ("room", "words"),
    [
        ({"seats_free": 1}, "One seat is free."),
        ({"seats_free": 0, "waiting": 4}, "All seats are taken; there is a waitlist. 4 people are waiting."),
        (
            {"seats_free": 0, "access": {"policy": "open", "waitlist": {"enabled": False}}},
            "All seats are taken, and there is no waitlist.",
        ),
    ],
)
async def test_a_room_shows_its_occupancy(room: dict[str, Any], words: str) -> None:
    assert words in (await with_rooms(a_room_found(**room)).get("/")).words


async def test_a_search_uses_the_entered_text_and_keeps_it_in_the_form() -> None:
    visit = with_rooms(a_room_found())
    seen = await visit.get("/?text=cases&mode=online&free=1&order=soonest")
    assert visit.gateway.queries[0][0] == SearchRooms(
        text="cases", mode="online", with_free_seats=True, order="soonest"
    )
    assert [each["value"] for each in seen.html.select("input[name=text]")] == ["cases"]
    assert {each["value"] for each in seen.html.select("option[selected]")} == {"online", "soonest"}
    assert seen.html.select_one("input[name=free]").has("checked")  # type: ignore[union-attr]
    assert seen.html.select_one("details").has("open")  # type: ignore[union-attr]


async def test_every_field_of_the_search_has_a_label() -> None:
    seen = await with_rooms().get("/")
    labelled = {each["for"] for each in seen.html.select("label[for]")}
    fields = seen.html.select("form input:not([type=hidden], [type=checkbox]), form select")
    assert {each["id"] for each in fields} <= labelled


async def test_a_search_without_results_leads_to_all_rooms() -> None:
    seen = await with_rooms().get("/?text=nothing")
    assert "No room matches your search." in seen.words
    assert "No rooms have been published yet." in (await with_rooms().get("/")).words


@every_case("address", ["format=choir", "free=x", "text=" + "x" * 300, "language=%00", "order=%F0%28"])
async def test_an_invalid_parameter_is_ignored_and_shown(address: str) -> None:
    seen = await with_rooms(a_room_found()).get(f"/?{address}")
    assert (seen.status, "has been left out" in seen.words) == (200, True)


async def test_the_next_page_continues_the_same_search() -> None:
    visit = with_rooms(a_room_found(), after="p2")
    seen = await visit.get("/?text=cases")
    [more] = [each["href"] for each in seen.html.select("a") if each.get_text() == "More rooms"]
    assert more == "/?text=cases&after=p2"
    await visit.get(str(more))
    assert visit.gateway.queries[-1][0] == SearchRooms(text="cases", after="p2")


async def test_an_unknown_page_leads_to_the_first() -> None:
    visit = a_visit()
    visit.gateway.answers[SearchRooms] = Refusal(code="invalid", detail="the page asked for cannot be read")
    seen = await visit.get("/?text=cases&after=xyz")
    assert (seen.status, seen.answer.headers["location"]) == (303, "/?text=cases")


async def test_a_language_link_keeps_the_search() -> None:
    seen = await with_rooms().get("/?text=cases&lang=en")
    others = [each["href"] for each in seen.html.select("footer a")]
    assert others == [f"/?text=cases&lang={language}" for language in ("en", "it", "es", "de", "fr")]
    assert [each["value"] for each in seen.html.select("form input[name=lang]")] == ["en"]


async def test_a_room_page_describes_the_room_and_how_to_join() -> None:
    visit = a_visit()
    note = {
        "note_id": ROOM,
        "room_id": ROOM,
        "kind": "tool",
        "version": 1,
        "title": "A question to start with",
        "text": "What would be different?",
        "confidential": False,
        "recorded_at": NOW,
    }
    session = {"room_id": ROOM, "starts_at": NOW, "ends_at": NOW + timedelta(hours=2), "time_zone": "Europe/Rome"}
    visit.gateway.answers[GetRoom] = RoomResult.model_validate(
        {
            "room": a_room(guidelines={"version": 2, "text": "Be kind."}, roles=[{"name": "coach", "seats": 2}]),
            "sessions": [
                session | {"session_id": UUID(int=11), "topic": "A first case"},
                session | {"session_id": UUID(int=12), "topic": "Called off", "status": "cancelled"},
            ],
            "notes": [note],
            "missing_roles": ["observer"],
        }
    )
    seen = await visit.get(f"/room/{ROOM}")
    expected = (
        "Be kind.",
        "coach (2)",
        "A first case",
        "What would be different?",
        "Tool",
        "observer",
        "The host reads",
    )
    assert [words for words in expected if words not in seen.words] == []
    assert "Called off" not in seen.words
    assert [each["href"] for each in seen.html.select("main a.button")] == [f"/link?room={ROOM}"]
    assert visit.gateway.queries == [(GetRoom(room_id=ROOM), NOBODY)]


@every_case("room", [{"access": {"policy": "invitation"}}, {"status": "closed"}])
async def test_a_room_that_accepts_no_requests_has_no_request_button(room: dict[str, Any]) -> None:
    visit = a_visit()
    visit.gateway.answers[GetRoom] = a_room_shown(**room)
    seen = await visit.get(f"/room/{ROOM}")
    assert (seen.status, seen.html.select("main a.button")) == (200, [])


async def test_an_unknown_room_and_an_invalid_address_are_not_found() -> None:
    visit = a_visit()
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    assert (await visit.get(f"/room/{ROOM}")).status == 404
    assert (await visit.get("/room/42")).status == 404


async def test_a_person_searches_as_themselves_and_stays_with_their_link() -> None:
    visit = with_rooms(a_room_found())
    path = visit.path(a_link_to_rooms())
    seen = await visit.get(f"{path}/search?text=cases")
    assert {actor for _, actor in visit.gateway.queries} == {ADA}
    assert [each["href"] for each in seen.html.select(".cards a")] == [f"{path}/room/{ROOM}"]
    assert seen.html.select_one("form[role=search]")["action"] == f"{path}/search"  # type: ignore[index]


async def test_a_link_for_another_purpose_shows_nobody_s_rooms() -> None:
    visit = a_visit()
    token = visit.site.links.token(Link(Purpose.WAY, ADA, ROOM))
    for path in (f"/rooms/{token}", f"/rooms/{token}/search", f"/rooms/{token}/room/{ROOM}"):
        assert (await visit.get(path)).status == 404
    assert visit.gateway.queries == []
