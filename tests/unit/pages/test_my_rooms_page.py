"""A person's own page: what waits for them, their next sessions, their rooms by office, their other memberships."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import (
    ADA,
    NOW,
    a_link_to_rooms,
    a_membership,
    a_room_shown,
    an_appointment,
    an_own_room,
    own_rooms,
)
from tests.unit.pages.every_page import with_parts
from tests.unit.pages.sites import Seen, Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import ListMemberships, Membership, Memberships, Status
from practio_contracts.rooms import (
    AgendaEntry,
    AgendaFound,
    GetRoom,
    ListAgenda,
    ListOwnRooms,
    OwnRoom,
    OwnRooms,
    ProposedHandOver,
    RoomWithConcerns,
)

HERS = a_link_to_rooms(locale="en", time_zone="Europe/Rome")


def with_own(
    *rooms: OwnRoom,
    memberships: Sequence[Membership] = (),
    sessions: Sequence[AgendaEntry] = (),
    pages: int = 100,
    after: str | None = None,
) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        ListOwnRooms: own_rooms(*rooms, pages=pages),
        ListAgenda: AgendaFound(sessions=list(sessions), after=after),
        ListMemberships: Memberships(memberships=list(memberships), after=after),
        GetRoom: lambda query: a_room_shown(room_id=query.room_id, title=f"Room {query.room_id.int}"),
    }
    return visit


async def own_page(visit: Visit, query: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + query)


def cards(seen: Seen, part: str) -> list[str]:
    """Return the texts of the cards of a part of the page."""
    found = seen.html.select(f"section[aria-labelledby={part}] .cards > li")
    return [each.words for each in found]


def parts(seen: Seen) -> list[str]:
    return [str(each["aria-labelledby"]) for each in seen.html.select("section[aria-labelledby]")]


def next_page(seen: Seen, part: str) -> str:
    """Return the link to the next page of a part."""
    section = f"section[aria-labelledby={part}]"
    [found] = seen.html.select(f"{section} a[rel=next], {section} p > a.button")
    return str(found["href"]).partition("#")[0]


def asked(visit: Visit, kind: type[Any]) -> list[Any]:
    return [query for query, _ in visit.gateway.queries if isinstance(query, kind)]


async def test_rooms_are_listed_by_office_each_linked_to_the_persons_page_in_it() -> None:
    offices = ("host", "facilitator", "steward", "participant")
    rooms = [an_own_room(each, room_id=UUID(int=10 + n), title=f"As {each}") for n, each in enumerate(offices)]
    visit = with_own(*rooms)
    seen = await own_page(visit)
    assert parts(seen) == ["sessions", *offices]
    for number, office in enumerate(offices):
        assert cards(seen, office)[0].startswith(f"As {office}")
        way = str(seen.html.select(f"section[aria-labelledby={office}] h3 a")[0]["href"]).removeprefix("/way/")
        expected = Link(Purpose.WAY, ADA, UUID(int=10 + number), locale="en", time_zone="Europe/Rome")
        assert visit.site.links.read(way, Purpose.WAY) == expected
    assert {actor for _, actor in visit.gateway.queries} == {ADA}


async def test_offices_see_how_full_their_rooms_are_and_go_to_the_requests() -> None:
    fields: dict[str, Any] = {"seats_free": 0, "waiting": 2, "next_session_at": NOW}
    seen = await own_page(with_own(an_own_room("steward", **fields), an_own_room("participant", **fields)))
    [steward], [participant] = cards(seen, "steward"), cards(seen, "participant")
    for words in ("All seats are taken; there is a waitlist.", "2 people are waiting.", "Requests to join"):
        assert (words in steward, words in participant) == (True, False)
    assert "Next session: Monday, 2 March 2026, 19:00" in participant


async def test_what_waits_for_the_person_comes_first() -> None:
    memberships = [
        a_membership(Status.WAITLISTED, room_id=UUID(int=21)),
        a_membership(Status.OFFERED, room_id=UUID(int=22), offer_expires_at=NOW + timedelta(days=1)),
        a_membership(Status.INVITED, room_id=UUID(int=23)),
    ]
    hosted, joined = an_own_room("host", pending=2, title="Hosted"), an_own_room(pending=5, title="Joined")
    seen = await own_page(with_own(hosted, joined, memberships=memberships))
    offer, invitation, decide = cards(seen, "waiting")
    assert parts(seen)[0] == "waiting"
    assert offer.startswith("Room 22 Seat offered The seat is held for you until Tuesday, 3 March 2026")
    assert invitation.startswith("Room 23 Invited")
    assert decide == "Requests to join: Hosted 2 requests wait for a decision."
    assert [text.partition(" Since")[0] for text in cards(seen, "others")] == ["Room 21 On the waitlist"]


def asked_to_host(*titles: str) -> Callable[[ListOwnRooms], OwnRooms]:
    """Return a function that answers queries for own rooms: none, but proposals to host some, on the first page."""
    proposed = [ProposedHandOver(room_id=UUID(int=40 + n), title=title) for n, title in enumerate(titles)]
    return lambda query: OwnRooms(rooms=[], after=None, hand_overs=[] if query.after else proposed)


async def test_a_person_who_is_asked_to_host_a_room_reads_so_first_and_is_led_to_where_they_answer() -> None:
    visit = with_own(memberships=[a_membership(Status.INVITED, room_id=UUID(int=23))])
    visit.gateway.answers[ListOwnRooms] = asked_to_host("Heads", "Cases & <tools>")
    for query in ("", "?host=p2"):
        seen = await own_page(visit, query)
        heads, cases, invitation = cards(seen, "waiting")
        assert heads == "You have been asked to become the host of “Heads”"
        assert cases == "You have been asked to become the host of “Cases & <tools>”"
        assert invitation.startswith("Room 23 Invited")
        way = str(seen.html.select("section[aria-labelledby=waiting] h3 a")[0]["href"]).removeprefix("/way/")
        expected = Link(Purpose.WAY, ADA, UUID(int=40), locale="en", time_zone="Europe/Rome")
        assert visit.site.links.read(way, Purpose.WAY) == expected


async def test_a_steward_reads_in_which_rooms_a_concern_waits_for_them() -> None:
    visit = with_own()
    waiting = [RoomWithConcerns(room_id=UUID(int=50), title="Cases & <tools>")]
    visit.gateway.answers[ListOwnRooms] = lambda _: OwnRooms(rooms=[], after=None, concerns=waiting)
    seen = await own_page(visit)
    assert cards(seen, "waiting") == [
        "Concerns: Cases & <tools> Somebody reported a concern that no steward has settled yet."
    ]
    [link] = seen.html.select("section[aria-labelledby=waiting] a")
    token, _, rest = str(link["href"]).removeprefix("/desk/").partition("/")
    assert (visit.site.links.read(token, Purpose.DESK).room_id, rest) == (UUID(int=50), "concerns")


async def test_a_hand_over_is_shown_to_a_person_without_any_room_and_nothing_without_one() -> None:
    visit = with_own()
    visit.gateway.answers[ListOwnRooms] = asked_to_host("Heads")
    seen = await own_page(visit)
    assert (parts(seen)[0], "You are not in any room" in seen.words) == ("waiting", False)
    visit.gateway.answers[ListOwnRooms] = asked_to_host()
    assert parts(await own_page(visit)) == []


async def test_the_next_sessions_of_all_rooms_are_shown_with_time_and_place() -> None:
    online = an_appointment(room_title="Leads", topic="A case", meeting_url="https://meet.example.org/leads")
    there = an_appointment(room_title="Heads", place="Room 4, <third> floor")
    visit = with_own(sessions=[online, there])
    first, second = cards(await own_page(visit), "sessions")
    for words in ("Monday, 2 March 2026, 19:00", "Leads", "90 minutes", "A case", "https://meet.example.org/leads"):
        assert words in first
    assert "Place: Room 4, <third> floor" in second
    [query] = asked(visit, ListAgenda)
    assert (query.person_id, query.since, query.until) == (ADA, None, None)


async def test_who_has_no_seat_in_a_room_is_not_asked_there_whether_they_are_here() -> None:
    now = datetime.now(UTC)
    running = an_appointment(starts_at=now, ends_at=now + timedelta(hours=1))
    seat = a_membership(Status.JOINED)
    for rooms, memberships, is_asked in (
        ([an_own_room("host")], [], False),
        ([an_own_room("host")], [seat], True),
        ([an_own_room()], [], True),
    ):
        visit = with_own(*rooms, memberships=memberships, sessions=[running])
        [card] = cards(await own_page(visit), "sessions")
        assert ("I am here" in card, "Who is coming, and your answer" in card) == (is_asked, True)


async def test_a_session_is_in_its_own_zone_if_the_persons_is_not_known() -> None:
    visit = with_own(sessions=[an_appointment(time_zone="America/New_York")])
    seen = await visit.get(visit.path(a_link_to_rooms(locale="en")))
    assert "13:00" in cards(seen, "sessions")[0]


async def test_a_draft_is_marked_and_ended_rooms_are_shown_on_request() -> None:
    draft, old = an_own_room("host", status="draft", title="New"), an_own_room("host", status="archived", title="Old")
    visit = with_own(draft, old)
    [shown] = cards(await own_page(visit), "host")
    assert "This room is a draft: only you see it." in shown
    _, ended = cards(await own_page(visit, "?ended"), "host")
    assert "archived" in ended
    assert "Requests to join" not in shown + ended
    assert [each.live_only for each in asked(visit, ListMemberships)] == [True, False]


async def test_a_room_that_was_left_and_joined_again_is_listed_once() -> None:
    room = UUID(int=21)
    memberships = [a_membership(status, room_id=room) for status in (Status.JOINED, Status.WITHDRAWN)]
    seen = await own_page(with_own(an_own_room(room_id=room), memberships=memberships), "?ended")
    assert (len(cards(seen, "participant")), cards(seen, "others")) == (1, [])


async def test_each_list_is_shown_page_by_page_and_keeps_the_place_of_the_others() -> None:
    rooms = [an_own_room("host", room_id=UUID(int=n), title=f"Room {n}") for n in (1, 2)]
    waits = [a_membership(Status.WAITLISTED, room_id=UUID(int=21))]
    visit = with_own(*rooms, memberships=waits, sessions=[an_appointment()], pages=1, after="p2")
    seen = await own_page(visit)
    later = await own_page(visit, next_page(seen, "host"))
    both = await own_page(visit, next_page(later, "sessions"))
    for page in (later, both):
        assert [text[:6] for text in cards(page, "host")] == ["Room 2"]
    assert asked(visit, ListAgenda)[-1].after == "p2"
    await visit.get(next_page(seen, "others"))
    assert asked(visit, ListMemberships)[-1].after == "p2"


async def test_a_person_without_rooms_is_led_to_the_search() -> None:
    visit = with_own()
    seen = await own_page(visit)
    assert "You are not in any room" in seen.words
    search, start = (str(each["href"]) for each in seen.html.select("main a.button"))
    assert search == f"{seen.path}/search"
    assert visit.site.links.read(start.removeprefix("/start/"), Purpose.START).person_id == ADA


async def test_where_nobody_starts_rooms_no_link_leads_there() -> None:
    visit = with_own()
    with_parts(visit, may_start=False)
    assert "/start/" not in (await own_page(visit)).answer.text


async def test_a_person_with_rooms_and_no_session_reads_that_none_is_planned() -> None:
    assert "none of your rooms has a session" in (await own_page(with_own(an_own_room()))).words


@every_case("after", ["xyz", "%00", "x" * 501])
@every_case(("name", "query"), [("after", ListMemberships), ("sessions", ListAgenda), ("host", ListOwnRooms)])
async def test_an_unknown_page_leads_to_the_first(name: str, query: Any, after: str) -> None:
    visit = with_own()
    visit.gateway.answers[query] = Refusal(code="invalid", detail="x")
    path = visit.path(HERS)
    seen = await visit.get(f"{path}?{name}={after}")
    assert (seen.status, seen.answer.headers["location"]) == (303, path)
