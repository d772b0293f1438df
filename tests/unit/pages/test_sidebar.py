"""The sidebar of the membership page: offices, a hand-over, the host's name, sessions; and the history by day."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.unit.pages.builders import (
    ADA,
    HOST,
    NOW,
    ROOM,
    a_change,
    a_history,
    a_membership_result,
    a_room,
    a_session,
    a_way,
)
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import GetHistory, GetMembership, History, MembershipResult, Status
from practio_contracts.notifications import NamePeople, Names
from practio_contracts.rooms import AcceptHandOver, DeclineHandOver, GetRoom, RoomResult, Session, SessionStatus
from practio_pages.pages.history_days import Author, history_days
from practio_pages.pages.sidebar import listed_sessions

OTHER = UUID(int=77)
HER_WAY = a_way(locale="en", time_zone="Europe/Rome")


def a_room_with(
    *sessions: Session, proposed: UUID | None = None, stands: MembershipResult | None = None, **room: Any
) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(**room), sessions=list(sessions), proposed_host_id=proposed),
        GetMembership: stands or MembershipResult(membership=None, moves=[]),
        GetHistory: a_history(),
    }
    return visit


async def her_page(visit: Visit) -> Seen:
    return await visit.get(visit.path(HER_WAY))


def link_to(visit: Visit, seen: Seen, purpose: Purpose) -> list[str]:
    """Return the targets of links of a purpose, each checked to be of the person and room."""
    found = [str(each["href"]) for each in seen.html.select(f'main a[href^="/{purpose}/"]')]
    for url in found:
        link = visit.site.links.read(url.rpartition("/")[2], purpose)
        assert (link.person_id, link.room_id, link.locale, link.time_zone) == (ADA, ROOM, "en", "Europe/Rome")
    return found


async def test_a_proposed_host_reads_what_it_means_and_may_accept_or_decline() -> None:
    visit = a_room_with(proposed=ADA)
    visit.gateway.answers[NamePeople] = Names.model_validate({"people": [{"person_id": HOST, "display_name": "Hanna"}]})
    seen = await her_page(visit)
    assert seen.buttons == ["Become the host", "Decline to host"]
    assert "Hanna hosts this room and would like to hand it over" in seen.words
    assert "decides who joins it" in seen.words
    assert "if you have a seat in the room, it becomes free" in seen.words


async def test_accepting_and_declining_a_hand_over_are_sent_in_the_persons_name() -> None:
    visit = a_room_with(proposed=ADA)
    visit.gateway.outcomes |= {each: accepted(each) for each in (AcceptHandOver, DeclineHandOver)}
    seen = await her_page(visit)
    assert "you are now the host of this room" in (await visit.press(seen, "Become the host")).words
    assert "the room keeps its host" in (await visit.press(seen, "Decline to host")).words
    sent = [(each.command, each.actor) for each in visit.gateway.sent]
    ids = {"room_id": ROOM, "person_id": ADA}
    assert sent == [(AcceptHandOver(**ids), ADA), (DeclineHandOver(**ids), ADA)]


async def test_a_hand_over_that_was_taken_back_is_shown() -> None:
    visit = a_room_with(proposed=ADA)
    seen = await her_page(visit)
    visit.gateway.outcomes[AcceptHandOver] = Refusal(code="no-hand-over", detail="not any more")
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room())
    done = await visit.press(seen, "Become the host")
    assert (done.status, done.buttons) == (409, [])
    assert "no longer being asked" in done.words


async def test_a_hand_over_to_somebody_else_has_no_buttons() -> None:
    assert (await her_page(a_room_with(proposed=OTHER))).buttons == []


async def test_office_holders_find_the_requests_and_others_do_not() -> None:
    for office, sentence in (
        ({"host_id": ADA}, "You are the host"),
        ({"facilitator_ids": [ADA]}, "You are a facilitator"),
        ({"steward_ids": [ADA]}, "You are a steward"),
    ):
        visit = a_room_with(**office)
        seen = await her_page(visit)
        assert (sentence in seen.words, len(link_to(visit, seen, Purpose.QUEUE))) == (True, 1)
        assert "You have not requested" not in seen.words
    visit = a_room_with()
    assert link_to(visit, await her_page(visit), Purpose.QUEUE) == []


async def test_everybody_finds_the_link_to_preferences() -> None:
    visit = a_room_with()
    assert len(link_to(visit, await her_page(visit), Purpose.PREFERENCES)) == 1


async def test_the_host_is_named_if_names_are_returned_and_the_page_works_without() -> None:
    visit = a_room_with()
    assert "Host:" not in (await her_page(visit)).words
    visit.gateway.answers[NamePeople] = Refusal(code="not-allowed", detail="no")
    assert "Host:" not in (await her_page(visit)).words
    visit.gateway.answers[NamePeople] = Names.model_validate(
        {"people": [{"person_id": HOST, "display_name": "<Hanna>"}]}
    )
    assert "Host: <Hanna>" in (await her_page(visit)).words


async def test_next_sessions_are_listed_with_their_places() -> None:
    visit = a_room_with(a_session(topic="A case"), stands=a_membership_result(Status.JOINED), place="Room 4")
    words = (await her_page(visit)).words
    assert "Monday, 2 March 2026, 19:00" in words
    assert "90 minutes A case Place: Room 4" in words


async def test_a_draft_leads_to_no_page_of_a_session() -> None:
    for status, expected in (("draft", 0), ("published", 1)):
        visit = a_room_with(a_session(), host_id=ADA, status=status)
        assert len(link_to(visit, await her_page(visit), Purpose.SESSION)) == expected


def test_a_session_has_its_own_place_or_its_rooms_and_a_cancelled_one_is_left_out() -> None:
    moved = a_session(place="The park", meeting_url="https://meet.example.org/1")
    off = a_session(status=SessionStatus.CANCELLED)
    room = a_room(place="Room 4", meeting_url="https://meet.example.org/0")
    found = listed_sessions(RoomResult(room=room, sessions=[a_session(), off, moved]))
    assert [(each.place, each.url, each.minutes) for each in found] == [
        ("Room 4", "https://meet.example.org/0", 90),
        ("The park", "https://meet.example.org/1", 90),
    ]


def test_the_history_is_grouped_by_the_readers_days_newest_first() -> None:
    late = NOW.replace(hour=23, minute=30)  # the next day in Rome
    changes = [
        a_change("requested", Status.REQUESTED),
        a_change("waitlisted", Status.WAITLISTED, by=str(HOST), at=NOW + timedelta(hours=1)),
        a_change("seat-offered", Status.OFFERED, by="system", at=late),
        a_change("role-changed", Status.JOINED, by=str(OTHER), at=late + timedelta(days=1)),
    ]
    found = history_days(changes, person_id=ADA, host_id=HOST, zone=ZoneInfo("Europe/Rome"))
    assert [[step.author for step in day.steps] for day in found] == [
        [Author.PEOPLE],
        [Author.RULES],
        [Author.HOST, Author.YOU],
    ]
    assert [day.at for day in found] == [changes[3].at, changes[2].at, changes[1].at]


async def test_each_step_is_shown_with_its_time_author_and_reason() -> None:
    visit = a_room_with()
    visit.gateway.answers[GetHistory] = History(
        changes=[
            a_change("requested", Status.REQUESTED),
            a_change("declined", Status.DECLINED, by=str(HOST), reason="Full <soon>", at=NOW + timedelta(hours=1)),
        ]
    )
    words = (await her_page(visit)).words
    assert "20:00 The request was declined , by the host Full <soon> 19:00 Requested to join , by you" in words
