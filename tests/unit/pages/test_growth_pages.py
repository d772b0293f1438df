"""A copy of a room, a second room for those who wait, and rooms that are related."""

from dataclasses import replace
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_membership, a_room_shown
from tests.unit.pages.every_page import Page, a_full_visit, filled_in
from tests.unit.pages.hosts import BEN, CLEO, an_entry
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    AssignBuddy,
    GetMembership,
    GetRoster,
    InviteFrom,
    MembershipResult,
    Roster,
    RosterEntry,
    Status,
)
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import (
    CopyRoom,
    GetRoom,
    Kept,
    ListConductReports,
    ListSessions,
    RelatedRoom,
    RoomStatus,
    SessionsFound,
)
from practio_pages.app import make_app

SECOND, DRAFT, THIRD = (UUID(int=number) for number in (71, 72, 73))
STEWARD = {"host_id": CLEO, "steward_ids": [HOST]}
FACILITATOR = {"host_id": CLEO, "facilitator_ids": [HOST]}


def related(room_id: UUID, status: RoomStatus = RoomStatus.PUBLISHED) -> RelatedRoom:
    return RelatedRoom(room_id=room_id, title=f"Room <{room_id.int}>", status=status)


def the_roster(entries: list[RosterEntry], counts: dict[Status, int], *, free: int = 0) -> Roster:
    return Roster(counts=counts, capacity=6, seats_taken=0, seats_held=0, entries=entries, after=None, seats_free=free)


def a_host(*copies: RelatedRoom, waiting: int = 3, invited: tuple[UUID, ...] = (), **room: object) -> Visit:
    """Return a visit of the host of a full room in which people wait, and of its copies."""
    visit = a_visit()
    people = [UUID(int=200 + number) for number in range(waiting)]
    here = the_roster([an_entry(each, Status.WAITLISTED) for each in people], {Status.WAITLISTED: waiting})
    there = the_roster([an_entry(each, Status.INVITED) for each in invited], {}, free=6)
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**room).model_copy(update={"copies": list(copies)}),
        GetRoster: lambda query: here if query.room_id == ROOM else there,
        ListSessions: SessionsFound(sessions=[], after=None),
        ListConductReports: Refusal(code="not-allowed", detail="only stewards read reports"),
    }
    visit.gateway.outcomes[CopyRoom] = accepted(CopyRoom)
    outcomes = [
        {"person_id": str(people[0]), "accepted": True, "status": "invited"},
        {"person_id": str(people[1]), "accepted": False, "status": None, "code": "not-a-member", "detail": "x"},
    ]
    visit.gateway.outcomes[InviteFrom] = accepted(InviteFrom, outcomes=outcomes)
    return visit


async def opened(visit: Visit, path: str) -> Seen:
    return await visit.get(visit.path(Link(Purpose.DESK, HOST, ROOM, locale="en")) + path)


def sent(visit: Visit) -> list[object]:
    return [each.command for each in visit.gateway.sent]


async def test_a_copy_keeps_what_is_ticked_and_leads_to_its_draft() -> None:
    visit = a_host()
    seen = await opened(visit, "/copy")
    ticked = {each["name"] for each in seen.html.select("[type=checkbox][checked]")}
    assert ticked == {"keep-statements", "keep-access", "keep-guidelines", "keep-roles"}
    assert "Nothing changes in this room" in seen.words
    done = await visit.press(seen, "Make the copy", title=" Second ", **{"keep-notes": "yes"})
    [command] = sent(visit)
    assert isinstance(command, CopyRoom)
    assert (command.room_id, command.title) == (ROOM, "Second")
    assert Kept.NOTES in command.keep
    [draft] = [each["href"] for each in done.html.select("a.button")]
    assert f"/room/{command.new_room_id}" in draft
    assert (done.status, "draft that only you see" in done.html.select("[role=status]")[0].get_text()) == (200, True)


async def test_one_form_makes_one_room() -> None:
    visit = a_host()
    seen = await opened(visit, "/copy")
    for title in ("One", "One", "Two"):
        await visit.press(seen, "Make the copy", title=title)
    ids = [(each.id, each.command.new_room_id) for each in visit.gateway.sent]  # type: ignore[union-attr]
    assert (ids[0] == ids[1], ids[0][0] == ids[2][0], ids[0][1] == ids[2][1]) == (True, False, True)
    visit.gateway.outcomes[CopyRoom] = Refusal(code="id-taken", detail="English only")
    again = await visit.press(seen, "Make the copy", title="Two")
    assert (again.status, "English only" in again.words) == (409, False)
    assert "A copy was already made" in again.html.select("[role=alert]")[0].get_text()
    assert [each for each in again.html.select("[role=alert] a") if f"/room/{ids[0][1]}" in each["href"]]


@every_case("title", ["", "x" * 201, "a\x00b"])
async def test_a_faulty_title_is_marked_and_kept(title: str) -> None:
    visit = a_host()
    seen = await visit.press(await opened(visit, "/copy"), "Make the copy", title=title)
    assert (seen.status, sent(visit), len(seen.html.select("#title-fault"))) == (422, [], 1)
    assert len(seen.html.select("#title")[0]["value"]) == len(title)


async def test_a_facilitator_makes_no_copy_and_loses_no_title() -> None:
    visit = a_host()
    seen = await opened(visit, "/copy")
    visit.gateway.answers[GetRoom] = a_room_shown(**FACILITATOR)
    late = await visit.press(seen, "Make the copy", title="Second")
    assert (late.status, sent(visit), "Second" in late.words) == (403, [], True)
    for path in ("/copy", "/second-room"):
        assert ((await opened(visit, path)).status, (await opened(visit, path)).buttons) == (403, [])
    assert not [each for each in (await opened(visit, "")).html.select("a") if str(each["href"]).endswith("/copy")]


async def test_the_first_on_the_waitlist_who_are_not_invited_yet_are_invited_as_shown() -> None:
    waitlist = [UUID(int=200 + number) for number in range(4)]
    visit = a_host(related(SECOND), waiting=4, invited=(waitlist[1],), **STEWARD)
    seen = await opened(visit, "/second-room")
    assert "4 people wait for a seat here" in seen.words
    assert "keep their place here until they have a seat" in seen.words
    done = await visit.press(seen, "Invite them", count="2", message=" Come. ")
    [command] = sent(visit)
    assert isinstance(command, InviteFrom)
    assert (command.room_id, command.from_room_id, command.message) == (SECOND, ROOM, "Come.")
    assert command.person_ids == [waitlist[0], waitlist[2]]
    assert "One person is invited now." in done.html.select("[role=status]")[0].get_text()
    assert "One person was not invited" in done.words
    await visit.press(seen, "Invite them", count="2", message=" Come. ")
    assert visit.gateway.sent[0].id == visit.gateway.sent[1].id


class SomeRosters:
    """The waitlist of a room, and the people of its second room by status, a few on each page."""

    def __init__(self, waitlist: list[UUID], there: dict[Status, list[UUID]], *, a_page: int = 2) -> None:
        self.waitlist, self.there, self.a_page = waitlist, there, a_page

    def __call__(self, query: GetRoster) -> Roster:
        status = query.status or Status.INVITED
        people = self.waitlist if query.room_id == ROOM else self.there.get(status, [])
        start = int(query.after or 0)
        end = start + self.a_page
        entries = [an_entry(each, status) for each in people[start:end]]
        found = the_roster(entries, {Status.WAITLISTED: len(self.waitlist)}, free=6)
        return found.model_copy(update={"after": str(end) if end < len(people) else None})


async def the_waitlist_of(visit: Visit) -> list[str]:
    seen = await opened(visit, "/second-room")
    return [word for each in seen.html.select("[name=waiting]") for word in str(each["value"]).split()]


@every_case("status", [Status.DECLINED, Status.WITHDRAWN, Status.LAPSED, Status.REMOVED], ids=str)
async def test_who_said_no_in_the_second_room_or_was_turned_down_is_not_invited_again(status: Status) -> None:
    waitlist = [UUID(int=200 + number) for number in range(4)]
    visit = a_host(related(SECOND))
    visit.gateway.answers[GetRoster] = SomeRosters(waitlist, {status: [waitlist[0]], Status.INVITED: [waitlist[1]]})
    assert await the_waitlist_of(visit) == [each.hex for each in waitlist[2:]]


async def test_offices_of_the_second_room_are_not_invited_to_it() -> None:
    waitlist = [UUID(int=200 + number) for number in range(4)]
    visit = a_host(related(SECOND))
    visit.gateway.answers[GetRoster] = SomeRosters(waitlist, {})
    here = a_room_shown().model_copy(update={"copies": [related(SECOND)]})
    second = a_room_shown(host_id=waitlist[0], steward_ids=[waitlist[1], HOST])
    visit.gateway.answers[GetRoom] = lambda query: here if query.room_id == ROOM else second
    assert await the_waitlist_of(visit) == [each.hex for each in waitlist[2:]]


async def test_all_pages_of_both_rosters_count() -> None:
    waitlist = [UUID(int=200 + number) for number in range(9)]
    visit = a_host(related(SECOND))
    visit.gateway.answers[GetRoster] = SomeRosters(
        waitlist, {Status.INVITED: waitlist[:3], Status.WITHDRAWN: waitlist[3:8]}
    )
    assert await the_waitlist_of(visit) == [waitlist[8].hex]


@every_case(("waiting", "a_page", "sentence"), [(0, 2, ""), (4, 2, "Nobody is left"), (50, 2, "at the front")])
async def test_only_a_whole_waitlist_in_which_all_are_known_is_said_to_be_invited(
    waiting: int, a_page: int, sentence: str
) -> None:
    waitlist = [UUID(int=200 + number) for number in range(waiting)]
    visit = a_host(related(SECOND))
    visit.gateway.answers[GetRoster] = SomeRosters(waitlist, {Status.INVITED: waitlist[:40]}, a_page=a_page)
    seen = await opened(visit, "/second-room")
    found = [each for each in ("Nobody is left", "at the front") if each in seen.words]
    assert (seen.buttons, found) == ([], [sentence] if sentence else [])


async def test_without_the_right_to_start_rooms_the_page_says_whom_to_ask() -> None:
    visit = a_host()
    closed = replace(visit.site, may_start=False)
    visit = Visit(closed, visit.gateway, make_app(closed))
    seen = await opened(visit, "/second-room")
    assert "Ask the people who run this site to make the copy" in seen.words


@every_case("fields", [{"count": "0"}, {"count": "x"}, {"count": ""}, {"count": "1", "message": "x" * 2_001}])
async def test_faults_invite_nobody_and_keep_the_message(fields: dict[str, str]) -> None:
    visit = a_host(related(SECOND))
    message = fields.get("message", "Hello")
    seen = await visit.press(await opened(visit, "/second-room"), "Invite them", **{"message": message} | fields)
    assert (seen.status, sent(visit)) == (422, [])
    assert seen.html.select("#message")[0].get_text().strip() == message


async def test_refusals_are_said_in_words() -> None:
    visit = a_host(related(SECOND))
    visit.gateway.outcomes[InviteFrom] = Refusal(code="room-not-open", detail="English only")
    seen = await visit.press(await opened(visit, "/second-room"), "Invite them", count="1", message="Hello")
    assert (seen.status, "English only" in seen.words) == (409, False)
    assert seen.html.select("#message")[0].get_text().strip() == "Hello"


async def test_without_an_office_in_the_second_room_the_page_says_whom_to_ask() -> None:
    visit = a_host(related(SECOND), related(THIRD))
    here, refused = the_roster([], {Status.WAITLISTED: 3}), Refusal(code="not-allowed", detail="x")
    visit.gateway.answers[GetRoster] = lambda query: here if query.room_id == ROOM else refused
    seen = await opened(visit, "/second-room")
    assert (seen.status, seen.buttons) == (200, [])
    assert "You have no office in the second room" in seen.words
    assert [each for each in seen.html.select("a") if str(each["href"]).endswith(f"room={THIRD}")]


async def test_the_way_begins_with_a_copy_that_is_then_published() -> None:
    seen = await opened(a_host(), "/second-room")
    assert [each["href"] for each in seen.html.select("a.button") if str(each["href"]).endswith("/copy")]
    seen = await opened(a_host(related(DRAFT, RoomStatus.DRAFT)), "/second-room")
    assert [each for each in seen.html.select("a") if f"/room/{DRAFT}" in each["href"]]
    assert not seen.buttons


@every_case(
    ("waiting", "capacity", "free", "suggested"),
    [(3, 6, 0, True), (2, 4, 0, False), (4, 9, 0, False), (5, 9, 0, True), (5, 6, 1, False)],
)
async def test_a_full_room_with_a_long_waitlist_suggests_a_second_one(
    waiting: int, capacity: int, free: int, suggested: bool
) -> None:
    visit = a_host(waiting=waiting, capacity=capacity)
    visit.gateway.answers[GetRoster] = the_roster([], {Status.WAITLISTED: waiting}, free=free)
    seen = await opened(visit, "")
    assert (f"The room is full, and {waiting} people wait." in seen.words) is suggested
    assert [each for each in seen.html.select("a") if str(each["href"]).endswith("/second-room")]


async def test_a_room_shows_where_it_came_from_and_what_grew_out_of_it() -> None:
    visit = a_visit()
    copies = [related(SECOND), related(DRAFT, RoomStatus.DRAFT)]
    shown = {"origin": related(THIRD, RoomStatus.ARCHIVED), "copies": copies}
    visit.gateway.answers[GetRoom] = a_room_shown().model_copy(update=shown)
    seen = await visit.get(f"/room/{ROOM}")
    assert "This room grew out of: Room <73>" in seen.words
    assert "Grew out of this room: Room <71>" in seen.words
    assert "72" not in seen.words
    links = {str(each["href"]) for each in seen.html.select("a")}
    assert [each for each in links if each.endswith(f"/room/{SECOND}")]
    assert [each for each in links if each.endswith(f"/room/{THIRD}")]


def a_person(**result: object) -> Visit:
    """Return a visit of the host who looks at BEN, who is in the room with CLEO."""
    visit = a_full_visit()
    membership = a_membership(Status.JOINED, person_id=BEN)
    visit.gateway.answers[GetRoom] = a_room_shown(host_id=ADA)
    visit.gateway.answers[GetMembership] = MembershipResult.model_validate(
        {"membership": membership, "moves": [], **result}
    )
    inside = [an_entry(BEN, Status.JOINED), an_entry(CLEO, Status.JOINED)]
    visit.gateway.answers[GetRoster] = the_roster(inside, {Status.JOINED: 2})
    return visit


@every_case(("chosen", "buddy"), [(str(CLEO), CLEO), ("", None)])
async def test_an_office_chooses_a_buddy_among_the_others_in_the_room(chosen: str, buddy: UUID | None) -> None:
    visit = a_person(buddy_id=CLEO)
    seen = await visit.get(Page(Purpose.DESK, f"/people/{BEN}/buddy").opened_by(visit))
    assert [each["value"] for each in seen.html.select("#buddy_id option")] == ["", str(CLEO)]
    assert [each["value"] for each in seen.html.select("#buddy_id option[selected]")] == [str(CLEO)]
    done = await visit.press(seen, "Choose a buddy", buddy_id=chosen)
    [command] = sent(visit)
    assert isinstance(command, AssignBuddy)
    assert (command.person_id, command.buddy_id, done.status) == (BEN, buddy, 200)
    assert ("they have a buddy" in done.words) is (buddy is not None)


async def test_a_buddy_is_chosen_from_whichever_page_of_the_roster_and_the_present_one_can_be_kept() -> None:
    visit = a_person(buddy_id=ADA)
    inside = [BEN, CLEO, *(UUID(int=200 + number) for number in range(4))]
    visit.gateway.answers[GetRoster] = SomeRosters(inside, {})
    seen, offered = await visit.get(Page(Purpose.DESK, f"/people/{BEN}/buddy").opened_by(visit)), set[str]()
    while True:
        assert [each["value"] for each in seen.html.select("#buddy_id option[selected]")] == [str(ADA)]
        offered |= {str(each["value"]) for each in seen.html.select("#buddy_id option")}
        more = turned_by("Show more people", seen)
        if more is None:
            break
        seen = await turned(visit, seen, more)
    assert offered == {"", str(ADA), *map(str, inside[1:])}
    done = await visit.press(seen, "Choose a buddy", buddy_id=str(inside[-1]))
    [command] = sent(visit)
    assert (command.buddy_id, done.status) == (inside[-1], 200)  # type: ignore[attr-defined]
    forged = await visit.get(f"{Page(Purpose.DESK, f'/people/{BEN}/buddy').opened_by(visit)}?inside={'x' * 5_000}")
    assert forged.status == 404


def turned_by(words: str, seen: Seen) -> str | None:
    """Return the value of the button with these words that turns the page."""
    return next(
        (str(each["value"]) for each in seen.html.select("button[name=turn]") if words in each.get_text()), None
    )


async def turned(visit: Visit, seen: Seen, turn: str, **entered: str) -> Seen:
    """Press a button that turns the page of a form."""
    form = seen.form("Choose a buddy")
    return await visit.post(str(form["action"]), filled_in(form) | entered | {"turn": turn})


@every_case("chosen", [str(CLEO), ""])
async def test_the_buddy_who_was_chosen_is_kept_when_the_page_is_turned_and_so_is_what_the_page_showed(
    chosen: str,
) -> None:
    visit = a_person(buddy_id=ADA)
    visit.gateway.answers[GetRoster] = SomeRosters([BEN, CLEO, *(UUID(int=200 + number) for number in range(4))], {})
    first = await visit.get(Page(Purpose.DESK, f"/people/{BEN}/buddy").opened_by(visit))
    assert first.html.select("form button")[0].get("name") is None
    visit.gateway.answers[GetMembership] = MembershipResult(
        membership=a_membership(Status.JOINED, person_id=BEN), moves=[], buddy_id=UUID(int=201)
    )
    more = turned_by("Show more people", first)
    assert more
    second = await turned(visit, first, more, buddy_id=chosen)
    assert (second.status, sent(visit)) == (200, [])
    kept = filled_in(second.form("Choose a buddy"))
    assert (kept["buddy_id"], kept["was"]) == (chosen, str(ADA))
    back = turned_by("Back to the beginning", second)
    assert back is not None
    again = filled_in((await turned(visit, second, back)).form("Choose a buddy"))
    assert (again["buddy_id"], again["was"]) == (chosen, str(ADA))


async def test_without_a_roster_there_is_no_form_that_would_end_a_pair() -> None:
    visit = a_person(buddy_id=CLEO)
    visit.gateway.answers[GetRoster] = Refusal(code="not-allowed", detail="x")
    seen = await visit.get(Page(Purpose.DESK, f"/people/{BEN}/buddy").opened_by(visit))
    assert (seen.status, seen.buttons) == (403, [])


async def test_a_person_s_page_and_their_own_page_name_their_buddies_as_far_as_names_are_there() -> None:
    visit = a_person(buddy_id=CLEO, buddy_of=[BEN, UUID(int=5)])
    seen = await visit.get(Page(Purpose.DESK, f"/people/{BEN}").opened_by(visit))
    assert "Buddy: Cléo <Vic>" in seen.words
    assert "Is the buddy of:" in seen.words
    own = await visit.get(Page(Purpose.WAY).opened_by(visit))
    assert "Your buddy in this room is Cléo <Vic>, who helps you" in own.words
    assert "You are the buddy of Ben Okri." in own.words
    assert "You are the buddy of one person" in own.words
    visit.gateway.answers[NamePeople] = Refusal(code="not-allowed", detail="x")
    own = await visit.get(Page(Purpose.WAY).opened_by(visit))
    assert "You have a buddy in this room" in own.words
    assert "You are the buddy of 2 people" in own.words


async def test_the_roster_shows_buddies() -> None:
    visit = a_person()
    entry = an_entry(BEN, Status.JOINED).model_copy(update={"buddy_id": CLEO})
    visit.gateway.answers[GetRoster] = the_roster([entry], {Status.JOINED: 1})
    seen = await visit.get(Page(Purpose.DESK, "/people").opened_by(visit))
    assert "Buddy: Cléo <Vic>" in seen.words
