"""Feedback on a session: who gives it and when, what a form becomes, and the ways to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import (
    ADA,
    HOST,
    NOW,
    ROOM,
    a_history,
    a_link_to_rooms,
    a_membership,
    a_membership_result,
    a_room,
    a_room_shown,
    a_session,
    a_way,
    an_own_room,
    own_rooms,
)
from tests.unit.pages.every_page import COMING, FEEDBACK, GIVEN, PAST, a_full_visit, filled_in
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetHistory, GetMembership, MembershipResult, Status
from practio_contracts.rooms import (
    GetRoom,
    GiveFeedback,
    ListOwnRooms,
    ListSessions,
    OwnOffice,
    RoomResult,
    Session,
    SessionPeriod,
    SessionsFound,
    SessionStatus,
)
from practio_pages.pages.feedback_form import FeedbackClosed, feedback_of, joined_at, why_closed
from practio_pages.pages.field_faults import FieldFault

ALREADY = Refusal(code="already-given", detail="x")
JOINED = NOW - timedelta(days=1)
ABOUT = {"room_id": ROOM, "session_id": PAST.session_id}


def past(*sessions: Session, pages: int = 100) -> Any:
    """Return a function that answers queries for sessions, of which ``sessions`` are over, ``pages`` at a time."""

    def answer(query: ListSessions) -> SessionsFound:
        found = sessions if query.when is SessionPeriod.PAST else ()
        start = int(query.after or 0)
        after = str(start + pages) if len(found) > start + pages else None
        return SessionsFound(sessions=list(found[start : start + pages]), after=after)

    return answer


def a_member(*sessions: Session, coming: Sequence[Session] = (), pages: int = 100) -> Visit:
    """Return a visit to a room that ADA is in, of which ``sessions`` are over."""
    visit = a_visit()
    begun = [each.starts_at for each in (*sessions, *coming) if each.starts_at <= datetime.now(UTC)]
    last = max(begun, default=None)
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(), sessions=list(coming), last_session_at=last),
        GetMembership: a_membership_result(Status.JOINED, since=JOINED),
        GetHistory: a_history(Status.JOINED),
        ListSessions: past(*sessions, pages=pages),
    }
    visit.gateway.outcomes[GiveFeedback] = accepted(GiveFeedback)
    return visit


async def opened(visit: Visit, session: Session = PAST) -> Seen:
    link = Link(Purpose.FEEDBACK, ADA, ROOM, locale="en", time_zone="Europe/Rome", session_id=session.session_id)
    return await visit.get(visit.path(link))


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


def typed(seen: Seen) -> list[str]:
    return [each.get_text() for each in seen.html.select("[aria-labelledby=written] .typed")]


def offered(seen: Seen) -> list[str]:
    """Return the times of the sessions that a membership page offers for feedback."""
    return [str(each["datetime"]) for each in seen.html.select("[aria-labelledby=feedback] time")]


async def test_a_person_in_the_room_gives_feedback_once_and_reads_what_happens_with_it() -> None:
    visit = a_member(PAST)
    seen = await opened(visit)
    for sentence in ("Monday, 2 March 2026, 19:00", "A <case>", "Without your name", "at least three others"):
        assert sentence in seen.words
    assert (seen.buttons, seen.html.select("input[checked]")) == (["Give feedback"], [])
    for _ in range(2):
        done = await pressed(visit, seen, **GIVEN)
        assert (done.status, done.buttons, "as soon as four people have answered" in done.words) == (200, [], True)
    first, again = visit.gateway.sent
    assert first == again
    assert first.command == GiveFeedback(**ABOUT, useful=4, comment="More <cases>.\nLess talk.")
    assert first.actor == ADA


async def test_feedback_needs_no_comment() -> None:
    visit = a_member(PAST)
    await pressed(visit, await opened(visit), useful="1")
    [sent] = visit.gateway.sent
    assert sent.command == GiveFeedback(**ABOUT, useful=1)


@every_case(
    ("entered", "faults"),
    [
        ({"useful": ""}, {"useful": FieldFault.CHOOSE}),
        ({"useful": "6"}, {"useful": FieldFault.CHOOSE}),
        ({"useful": "²"}, {"useful": FieldFault.CHOOSE}),
        ({"comment": "x" * 1_001}, {"comment": FieldFault.TOO_LONG}),
        ({"useful": "no", "comment": "a\x00b"}, {"useful": FieldFault.CHOOSE, "comment": FieldFault.UNREADABLE}),
    ],
)
async def test_a_faulty_form_comes_back_with_what_was_typed(
    entered: dict[str, str], faults: dict[str, FieldFault]
) -> None:
    form = GIVEN | entered
    assert feedback_of(form, room_id=ROOM, session_id=PAST.session_id) == faults
    visit = a_member(PAST)
    seen = await pressed(visit, await opened(visit), **form)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert [each["id"] for each in seen.html.select(".fault")] == [f"{name}-fault" for name in faults]
    if "comment" not in entered:
        assert seen.html.select("textarea")[0].get_text().removeprefix("\n") == GIVEN["comment"]
    if "useful" not in entered:
        assert [each["value"] for each in seen.html.select("input[checked]")] == ["4"]


async def test_a_second_time_is_answered_in_words_and_shows_what_was_typed() -> None:
    visit = a_member(PAST)
    visit.gateway.outcomes[GiveFeedback] = ALREADY
    again = await pressed(visit, await opened(visit), **GIVEN)
    assert (again.status, again.buttons) == (409, [])
    assert "You have already given feedback on this session." in again.words
    assert typed(again) == [GIVEN["useful"], GIVEN["comment"]]


def test_the_rules_on_who_gives_feedback_and_when_are_those_of_rooms() -> None:
    later = NOW + timedelta(minutes=1)
    begun = a_session()
    assert why_closed(begun, joined=JOINED, now=NOW) is None
    assert why_closed(begun, joined=None, now=later) is FeedbackClosed.NOT_IN_ROOM
    assert why_closed(None, joined=JOINED, now=later) is FeedbackClosed.UNKNOWN
    assert why_closed(a_session(status="cancelled"), joined=JOINED, now=later) is FeedbackClosed.CANCELLED
    assert why_closed(begun, joined=JOINED, now=NOW - timedelta(seconds=1)) is FeedbackClosed.TOO_EARLY
    assert why_closed(begun, joined=begun.ends_at, now=begun.ends_at) is FeedbackClosed.TOO_LATE
    assert why_closed(begun, joined=begun.ends_at - timedelta(seconds=1), now=begun.ends_at) is None


def test_a_person_is_in_the_room_since_they_joined_it() -> None:
    assert joined_at(None) is None
    for status in Status:
        expected = NOW if status is Status.JOINED else None
        assert joined_at(a_membership(status)) == expected


@every_case(
    ("session", "status", "sentence"),
    [
        (COMING, 409, "Feedback opens when the session begins."),
        (a_session(session_id=UUID(int=7), status="cancelled"), 409, "This session was called off"),
        (
            a_session(session_id=UUID(int=7), starts_at=JOINED - timedelta(hours=2), ends_at=JOINED),
            409,
            "You joined the room after this session.",
        ),
        (a_session(session_id=UUID(int=99)), 404, "This session is no longer in the room."),
    ],
    ids=["too early", "called off", "too late", "unknown"],
)
async def test_where_no_feedback_is_taken_a_sentence_says_why(session: Session, status: int, sentence: str) -> None:
    over = [] if session is COMING or session.session_id == UUID(int=99) else [session]
    visit = a_member(*over, coming=[COMING])
    seen = await opened(visit, session)
    assert (seen.status, sentence in seen.words, seen.buttons) == (status, True, [])
    assert len(seen.html.select(f'main a[href^="/{Purpose.WAY}/"]')) == 1


@every_case("status", [Status.WAITLISTED, Status.WITHDRAWN, Status.REMOVED, Status.ENDED, None])
async def test_only_people_in_the_room_give_feedback(status: Status | None) -> None:
    visit = a_member(PAST)
    visit.gateway.answers[GetMembership] = (
        a_membership_result(status) if status else MembershipResult(membership=None, moves=[])
    )
    seen = await opened(visit)
    assert (seen.status, "Only people with a seat in the room" in seen.words, seen.buttons) == (403, True, [])
    assert "A <case>" not in seen.words


async def test_who_left_while_the_form_was_open_keeps_what_they_typed() -> None:
    visit = a_member(PAST)
    seen = await opened(visit)
    visit.gateway.answers[GetMembership] = a_membership_result(Status.WITHDRAWN)
    gone = await pressed(visit, seen, **GIVEN)
    assert (gone.status, typed(gone), visit.gateway.sent) == (403, [GIVEN["useful"], GIVEN["comment"]], [])
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    unknown = await pressed(visit, seen, **GIVEN)
    assert (unknown.status, typed(unknown)) == (404, [GIVEN["useful"], GIVEN["comment"]])


async def test_a_session_deep_in_the_list_is_found_and_the_one_that_takes_place_now_too() -> None:
    others = [a_session(session_id=UUID(int=30 + n)) for n in range(4)]
    visit = a_member(*others, PAST, pages=2)
    assert (await opened(visit)).buttons == ["Give feedback"]
    now = datetime.now(UTC)
    present = a_session(session_id=UUID(int=8), starts_at=now, ends_at=now + timedelta(hours=1))
    assert (await opened(a_member(coming=[present]), present)).buttons == ["Give feedback"]


async def test_the_way_offers_the_latest_sessions_on_which_the_person_can_give_feedback() -> None:
    now = datetime.now(UTC)
    present = a_session(session_id=UUID(int=8), starts_at=now, ends_at=now + timedelta(hours=1))
    off = a_session(session_id=UUID(int=9), status="cancelled")
    before = a_session(session_id=UUID(int=10), starts_at=JOINED - timedelta(hours=2), ends_at=JOINED)
    visit = a_member(PAST, off, before, coming=[present, COMING])
    seen = await visit.get(visit.path(a_way(locale="en", time_zone="Europe/Rome")))
    assert offered(seen) == [present.starts_at.isoformat(), PAST.starts_at.isoformat()]
    links = [str(each["href"]) for each in seen.html.select("[aria-labelledby=feedback] a")]
    read = [visit.site.links.read(each.rpartition("/")[2], Purpose.FEEDBACK) for each in links]
    assert [(each.session_id, each.room_id, each.person_id) for each in read] == [
        (present.session_id, ROOM, ADA),
        (PAST.session_id, ROOM, ADA),
    ]


async def test_of_many_sessions_the_latest_are_offered() -> None:
    there = [
        a_session(session_id=UUID(int=30 + n), starts_at=NOW - timedelta(minutes=n), ends_at=NOW) for n in range(9)
    ]
    visit = a_member(*there)
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert offered(seen) == [each.starts_at.isoformat() for each in there[:5]]


async def test_a_series_that_was_called_off_hides_no_session_that_took_place() -> None:
    later = COMING.model_copy(update={"status": SessionStatus.CANCELLED})
    off = [later.model_copy(update={"session_id": UUID(int=100 + number)}) for number in range(84)]
    visit = a_member(*off, PAST, pages=20)
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert offered(seen) == [PAST.starts_at.isoformat()]


async def test_before_the_first_session_the_way_says_where_feedback_will_be() -> None:
    visit = a_member()
    assert "None has begun since you joined." in (await visit.get(visit.path(a_way(locale="en")))).words
    assert [query for query, _ in visit.gateway.queries if isinstance(query, ListSessions)] == []


async def test_who_is_not_in_the_room_is_offered_no_feedback_and_nothing_is_asked() -> None:
    visit = a_member(PAST)
    visit.gateway.answers[GetMembership] = a_membership_result(Status.WAITLISTED)
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert (seen.status, seen.html.select("#feedback")) == (200, [])
    assert [query for query, _ in visit.gateway.queries if isinstance(query, ListSessions)] == []


async def test_the_way_works_without_the_sessions() -> None:
    visit = a_member(PAST)
    visit.gateway.answers[ListSessions] = None
    seen = await visit.get(visit.path(a_way(locale="en")))
    assert (seen.status, seen.html.select("#feedback")) == (200, [])


async def test_own_rooms_lead_to_feedback_where_the_person_has_a_seat() -> None:
    visit = a_full_visit()
    visit.gateway.answers[ListOwnRooms] = own_rooms(*(an_own_room(office, host_id=HOST) for office in OwnOffice))
    seen = await visit.get(visit.path(a_link_to_rooms(locale="en")))
    found = [str(each["href"]) for each in seen.html.select("main a") if "Feedback on sessions" in each.get_text()]
    [link] = found
    assert link.endswith("#feedback")
    visit.gateway.answers[GetRoom] = a_room_shown()
    assert (await visit.get(link)).html.select("#feedback")


async def test_a_link_made_for_feedback_leads_on_without_the_session() -> None:
    visit = a_full_visit()
    seen = await visit.get(FEEDBACK.opened_by(visit))
    [way] = [str(each["href"]) for each in seen.html.select(f'main a[href^="/{Purpose.WAY}/"]')]
    assert visit.site.links.read(way.rpartition("/")[2], Purpose.WAY).session_id is None
