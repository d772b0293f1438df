"""What stands beside a person's way: offices, a hand-over, the host's name, sessions, and what came before by day."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_change, a_history, a_room, a_session, a_way, standing
from tests.unit.pages.sites import PAGES, Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import GetHistory, GetMembership, History, MembershipResult, Status
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import AcceptHandOver, DeclineHandOver, GetRoom, RoomResult, Session, SessionStatus
from practio_pages.pages.history_page import Hand, days
from practio_pages.pages.sidebar import meetings

OTHER = UUID(int=77)
HER_WAY = a_way(locale="en", time_zone="Europe/Rome")


def a_room_told(
    *sessions: Session, proposed: UUID | None = None, stands: MembershipResult | None = None, **room: Any
) -> Visit:
    visit = a_visit()
    visit.desk.answers |= {
        GetRoom: RoomResult(room=a_room(**room), sessions=list(sessions), proposed_host_id=proposed),
        GetMembership: stands or MembershipResult(membership=None, moves=[]),
        GetHistory: a_history(),
    }
    return visit


async def her_page(visit: Visit) -> Seen:
    return await visit.get(visit.path(HER_WAY))


def link_to(visit: Visit, seen: Seen, purpose: Purpose) -> list[str]:
    """Give where links of a purpose lead, each read back as that of the person and room."""
    found = [str(each["href"]) for each in seen.html.select(f'main a[href^="{PAGES}/{purpose}/"]')]
    for url in found:
        link = visit.site.links.read(url.rpartition("/")[2], purpose)
        assert (link.person_id, link.room_id, link.locale, link.time_zone) == (ADA, ROOM, "en", "Europe/Rome")
    return found


async def test_who_is_asked_to_host_reads_what_it_means_and_may_accept_or_decline() -> None:
    visit = a_room_told(proposed=ADA)
    visit.desk.answers[NamePeople] = Names.model_validate({"people": [{"person_id": HOST, "display_name": "Hanna"}]})
    seen = await her_page(visit)
    assert seen.buttons == ["Become the host", "Decline to host"]
    assert "Hanna hosts this room and would like to hand it over" in seen.words
    assert "decides who joins the room" in seen.words


async def test_accepting_and_declining_a_hand_over_are_wished_in_the_persons_name() -> None:
    visit = a_room_told(proposed=ADA)
    visit.desk.outcomes |= {each: accepted(each) for each in (AcceptHandOver, DeclineHandOver)}
    seen = await her_page(visit)
    assert "you are now the host of this room" in (await visit.press(seen, "Become the host")).words
    assert "the room keeps its host" in (await visit.press(seen, "Decline to host")).words
    wishes = [(each.command, each.actor) for each in visit.desk.wished]
    told = {"room_id": ROOM, "person_id": ADA}
    assert wishes == [(AcceptHandOver(**told), ADA), (DeclineHandOver(**told), ADA)]


async def test_a_hand_over_that_was_taken_back_is_said() -> None:
    visit = a_room_told(proposed=ADA)
    seen = await her_page(visit)
    visit.desk.outcomes[AcceptHandOver] = Refusal(code="no-hand-over", detail="not any more")
    visit.desk.answers[GetRoom] = RoomResult(room=a_room())
    done = await visit.press(seen, "Become the host")
    assert (done.status, done.buttons) == (409, [])
    assert "no longer being asked" in done.words


async def test_a_hand_over_to_somebody_else_is_nothing_to_answer() -> None:
    assert (await her_page(a_room_told(proposed=OTHER))).buttons == []


async def test_who_holds_an_office_finds_the_queue_and_others_do_not() -> None:
    for office, said in (
        ({"host_id": ADA}, "You are the host"),
        ({"facilitator_ids": [ADA]}, "You are a facilitator"),
        ({"steward_ids": [ADA]}, "You are a steward"),
    ):
        visit = a_room_told(**office)
        seen = await her_page(visit)
        assert (said in seen.words, len(link_to(visit, seen, Purpose.QUEUE))) == (True, 1)
        assert "You have not requested" not in seen.words
    visit = a_room_told()
    assert link_to(visit, await her_page(visit), Purpose.QUEUE) == []


async def test_everybody_finds_where_to_choose_letters() -> None:
    visit = a_room_told()
    assert len(link_to(visit, await her_page(visit), Purpose.PREFERENCES)) == 1


async def test_the_host_is_named_where_names_are_told_and_the_page_stands_without() -> None:
    visit = a_room_told()
    assert "Host:" not in (await her_page(visit)).words
    visit.desk.answers[NamePeople] = Refusal(code="not-allowed", detail="no")
    assert "Host:" not in (await her_page(visit)).words
    visit.desk.answers[NamePeople] = Names.model_validate({"people": [{"person_id": HOST, "display_name": "<Hanna>"}]})
    assert "Host: <Hanna>" in (await her_page(visit)).words


async def test_next_sessions_are_listed_with_where_they_are() -> None:
    visit = a_room_told(a_session(topic="A case"), stands=standing(Status.JOINED), place="Room 4")
    words = (await her_page(visit)).words
    assert "Monday, 2 March 2026, 19:00" in words
    assert "90 minutes A case Place: Room 4" in words


def test_a_session_is_where_it_says_or_where_its_room_is_and_a_cancelled_one_is_left_out() -> None:
    moved = a_session(place="The park", meeting_url="https://meet.example.org/1")
    off = a_session(status=SessionStatus.CANCELLED)
    room = a_room(place="Room 4", meeting_url="https://meet.example.org/0")
    found = meetings(RoomResult(room=room, sessions=[a_session(), off, moved]))
    assert [(each.place, each.url, each.minutes) for each in found] == [
        ("Room 4", "https://meet.example.org/0", 90),
        ("The park", "https://meet.example.org/1", 90),
    ]


def test_what_came_before_is_grouped_by_the_readers_days_newest_first() -> None:
    late = NOW.replace(hour=23, minute=30)  # the next day in Rome
    changes = [
        a_change("requested", Status.REQUESTED),
        a_change("waitlisted", Status.WAITLISTED, by=str(HOST), at=NOW + timedelta(hours=1)),
        a_change("seat-offered", Status.OFFERED, by="system", at=late),
        a_change("role-changed", Status.JOINED, by=str(OTHER), at=late + timedelta(days=1)),
    ]
    found = days(changes, person_id=ADA, host_id=HOST, zone=ZoneInfo("Europe/Rome"))
    assert [[step.hand for step in day.steps] for day in found] == [
        [Hand.PEOPLE],
        [Hand.RULES],
        [Hand.HOST, Hand.YOU],
    ]
    assert [day.at for day in found] == [changes[3].at, changes[2].at, changes[1].at]


async def test_each_step_is_told_with_its_time_who_did_it_and_why() -> None:
    visit = a_room_told()
    visit.desk.answers[GetHistory] = History(
        changes=[
            a_change("requested", Status.REQUESTED),
            a_change("declined", Status.DECLINED, by=str(HOST), reason="Full <soon>", at=NOW + timedelta(hours=1)),
        ]
    )
    words = (await her_page(visit)).words
    assert "20:00 The request was declined , by the host Full <soon> 19:00 Requested to join , by you" in words
