"""Finding rooms, with a link and without, and a person's own page."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.pages.builders import (
    ADA,
    NOW,
    ROOM,
    a_link_to_rooms,
    a_membership,
    a_room,
    a_room_found,
    a_room_shown,
    rooms_found,
)
from tests.unit.pages.sites import Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Memberships, Status
from practio_contracts.rooms import GetRoom, RoomResult, SearchRooms
from practio_pages.site import NOBODY


def with_rooms(*rooms: Any, after: str | None = None) -> Visit:
    visit = a_visit()
    visit.desk.answers[SearchRooms] = rooms_found(*rooms, after=after)
    return visit


async def test_whoever_comes_finds_rooms_with_what_matters_to_choose() -> None:
    visit = with_rooms(a_room_found(seats_free=2, waiting=0, next_session_at=NOW))
    seen = await visit.get("/")
    assert seen.status == 200
    told = ("Intervision for team leads", "Think through", "2 seats are free", "Online", "English", "19:00")
    assert [words for words in told if words not in seen.words] == []
    assert [each["href"] for each in seen.html.select(".cards a")] == [f"/room/{ROOM}"]
    assert {actor for _, actor in visit.desk.asked} == {NOBODY}


@pytest.mark.parametrize(
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
async def test_a_room_says_how_full_it_is(room: dict[str, Any], words: str) -> None:
    assert words in (await with_rooms(a_room_found(**room)).get("/")).words


async def test_a_search_asks_for_what_was_typed_and_keeps_it_in_the_form() -> None:
    visit = with_rooms(a_room_found())
    seen = await visit.get("/?text=cases&mode=online&free=1&order=soonest")
    assert visit.desk.asked[0][0] == SearchRooms(text="cases", mode="online", with_free_seats=True, order="soonest")
    assert [each["value"] for each in seen.html.select("input[name=text]")] == ["cases"]
    assert {each["value"] for each in seen.html.select("option[selected]")} == {"online", "soonest"}
    assert seen.html.select_one("input[name=free]").has_attr("checked")  # type: ignore[union-attr]
    assert seen.html.select_one("details").has_attr("open")  # type: ignore[union-attr]


async def test_every_field_of_the_search_has_a_label() -> None:
    seen = await with_rooms().get("/")
    labelled = {each["for"] for each in seen.html.select("label[for]")}
    fields = seen.html.select("form input:not([type=hidden], [type=checkbox]), form select")
    assert {each["id"] for each in fields} <= labelled


async def test_where_nothing_fits_it_says_so_and_leads_to_all_rooms() -> None:
    seen = await with_rooms().get("/?text=nothing")
    assert "No room matches your search." in seen.words
    assert "No rooms have been published yet." in (await with_rooms().get("/")).words


@pytest.mark.parametrize("address", ["format=choir", "free=x", "text=" + "x" * 300, "language=%00", "order=%F0%28"])
async def test_what_cannot_be_searched_for_is_left_out_and_said(address: str) -> None:
    seen = await with_rooms(a_room_found()).get(f"/?{address}")
    assert (seen.status, "has been left out" in seen.words) == (200, True)


async def test_more_rooms_follow_in_the_same_search() -> None:
    visit = with_rooms(a_room_found(), after="p2")
    seen = await visit.get("/?text=cases")
    [more] = [each["href"] for each in seen.html.select("a") if each.get_text() == "More rooms"]
    assert more == "/?text=cases&after=p2"
    await visit.get(str(more))
    assert visit.desk.asked[-1][0] == SearchRooms(text="cases", after="p2")


async def test_a_page_that_is_none_leads_to_the_first() -> None:
    visit = a_visit()
    visit.desk.answers[SearchRooms] = Refusal(code="invalid", detail="the page asked for cannot be read")
    seen = await visit.get("/?text=cases&after=xyz")
    assert (seen.status, seen.answer.headers["location"]) == (303, "/?text=cases")


async def test_a_language_link_keeps_the_search() -> None:
    seen = await with_rooms().get("/?text=cases&lang=en")
    others = [each["href"] for each in seen.html.select("footer a")]
    assert others == [f"/?text=cases&lang={language}" for language in ("en", "it", "es", "de", "fr")]
    assert [each["value"] for each in seen.html.select("form input[name=lang]")] == ["en"]


async def test_a_room_tells_what_it_is_and_how_one_comes_in() -> None:
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
    visit.desk.answers[GetRoom] = RoomResult.model_validate(
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
    told = ("Be kind.", "coach (2)", "A first case", "What would be different?", "Tool", "observer", "The host reads")
    assert [words for words in told if words not in seen.words] == []
    assert "Called off" not in seen.words
    assert [each["href"] for each in seen.html.select("main a.button")] == [f"/link?room={ROOM}"]
    assert visit.desk.asked == [(GetRoom(room_id=ROOM), NOBODY)]


@pytest.mark.parametrize("room", [{"access": {"policy": "invitation"}}, {"status": "closed"}])
async def test_a_room_that_takes_no_requests_offers_none(room: dict[str, Any]) -> None:
    visit = a_visit()
    visit.desk.answers[GetRoom] = a_room_shown(**room)
    seen = await visit.get(f"/room/{ROOM}")
    assert (seen.status, seen.html.select("main a.button")) == (200, [])


async def test_a_room_that_nobody_knows_and_an_address_that_is_none_are_not_found() -> None:
    visit = a_visit()
    visit.desk.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    assert (await visit.get(f"/room/{ROOM}")).status == 404
    assert (await visit.get("/room/42")).status == 404


def with_memberships(*memberships: Any, after: str | None = None) -> Visit:
    visit = a_visit()
    visit.desk.answers[ListMemberships] = Memberships(memberships=list(memberships), after=after)
    visit.desk.answers[GetRoom] = lambda asked: (
        a_room_shown(room_id=asked.room_id, title=f"Room {asked.room_id.int}")
        if asked.room_id.int < 90
        else Refusal(code="room-unknown", detail="x")
    )
    return visit


async def test_a_person_sees_their_rooms_each_leading_to_their_way_in_it() -> None:
    visit = with_memberships(
        a_membership(Status.OFFERED, room_id=UUID(int=21)),
        a_membership(Status.JOINED, room_id=UUID(int=22)),
        a_membership(Status.ENDED, room_id=UUID(int=99)),
    )
    seen = await visit.get(visit.path(a_link_to_rooms(locale="en", time_zone="Europe/Rome")))
    cards = seen.html.select(".cards li")
    assert [each.a.get_text() for each in cards if each.a] == [
        "Room 21",
        "Room 22",
        "A room that is no longer shown",
    ]
    assert "Seat offered" in cards[0].get_text()
    ways = [str(each.a["href"]).removeprefix("/way/") for each in cards if each.a]
    read = visit.site.links.read(ways[0], Purpose.WAY)
    assert read == Link(Purpose.WAY, ADA, UUID(int=21), locale="en", time_zone="Europe/Rome")
    assert {actor for _, actor in visit.desk.asked} == {ADA}


async def test_a_room_that_was_left_and_joined_again_stands_there_once() -> None:
    room = UUID(int=21)
    visit = with_memberships(a_membership(Status.JOINED, room_id=room), a_membership(Status.WITHDRAWN, room_id=room))
    seen = await visit.get(visit.path(a_link_to_rooms()) + "?ended")
    assert [each.get_text() for each in seen.html.select(".cards .status")] == ["In the room"]


async def test_what_goes_on_comes_first_and_what_ended_is_shown_where_asked_for() -> None:
    visit = with_memberships(a_membership(Status.JOINED), after="p2")
    path = visit.path(a_link_to_rooms())
    seen = await visit.get(path)
    [more] = [each["href"] for each in seen.html.select("a") if each.get_text() == "More of your rooms"]
    await visit.get(str(more))
    await visit.get(path + "?ended")
    questions = [asked for asked, _ in visit.desk.asked if isinstance(asked, ListMemberships)]
    assert [(each.live_only, each.after) for each in questions] == [(True, None), (True, "p2"), (False, None)]


async def test_who_is_in_no_room_is_told_so_and_led_to_the_search() -> None:
    visit = with_memberships()
    path = visit.path(a_link_to_rooms())
    seen = await visit.get(path)
    assert "You are not in any room" in seen.words
    assert f"{path}/search" in [each["href"] for each in seen.html.select("main a")]


@pytest.mark.parametrize("after", ["xyz", "%00", "x" * 501])
async def test_a_page_of_rooms_that_is_none_leads_to_the_first(after: str) -> None:
    visit = a_visit()
    visit.desk.answers[ListMemberships] = Refusal(code="invalid", detail="x")
    path = visit.path(a_link_to_rooms())
    seen = await visit.get(f"{path}?after={after}")
    assert (seen.status, seen.answer.headers["location"]) == (303, path)


async def test_a_person_searches_as_themselves_and_stays_with_their_link() -> None:
    visit = with_rooms(a_room_found())
    path = visit.path(a_link_to_rooms())
    seen = await visit.get(f"{path}/search?text=cases")
    assert {actor for _, actor in visit.desk.asked} == {ADA}
    assert [each["href"] for each in seen.html.select(".cards a")] == [f"{path}/room/{ROOM}"]
    assert seen.html.select_one("form[role=search]")["action"] == f"{path}/search"  # type: ignore[index]


async def test_a_link_for_another_purpose_shows_nobody_s_rooms() -> None:
    visit = with_memberships(a_membership(Status.JOINED))
    token = visit.site.links.token(Link(Purpose.WAY, ADA, ROOM))
    for path in (f"/rooms/{token}", f"/rooms/{token}/search", f"/rooms/{token}/room/{ROOM}"):
        assert (await visit.get(path)).status == 404
    assert visit.desk.asked == []
