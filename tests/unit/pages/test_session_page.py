"""The page of one session: what it shows to whom."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, a_note
from tests.unit.pages.hosts import BEN, CLEO, NO_OFFICE
from tests.unit.pages.sessions import (
    ANSWER_BUTTONS,
    HOSTED,
    SESSION,
    a_result,
    a_visit_to,
    in_days,
    opened,
    running,
    sent,
)
from tests.unit.pages.sites import Seen

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    AnswerSession,
    CheckIn,
    GetSession,
    ListNotes,
    NotesFound,
    SessionStatus,
)
from practio_pages.pages.session_view import MOST_PAGES


def links(seen: Seen) -> list[str]:
    return [" ".join(each.get_text().split()) for each in seen.html.select("main a, nav a")]


async def test_people_see_when_where_who_comes_what_is_planned_and_the_notes() -> None:
    result = a_result(
        in_days(topic="A hard start", place="Room 4"),
        case_by=[BEN],
        roles=[{"name": "coach", "person_id": ADA}],
        guests=["Dr. Berg"],
    )
    seen = await opened(a_visit_to(result))
    assert seen.status == 200
    for words in ("A hard start", "Room 4", "Ben Okri : Coming I bring cake.", "Cléo <Vic> : Not this time"):
        assert words in seen.words
    for words in ("Brings a case Ben Okri", "coach You", "Guests Dr. Berg", "How we began", "You: No answer yet"):
        assert words in seen.words
    assert "A hard start What we tried." not in seen.words  # a note about no session


NOT_COUNTED = "If they have no seat and have not answered, they are not counted."


@every_case(
    ("yes", "unanswered", "left_out", "is_explained"),
    [(1, 1, 0, False), (1, 0, 0, True), (2, 1, 1, False), (1, 1, 1, True)],
)
async def test_people_who_are_listed_and_not_counted_are_explained(
    yes: int, unanswered: int, left_out: int, is_explained: bool
) -> None:
    """Nobody waits for the answer of somebody who runs the room and has no seat."""
    coming = {"yes": yes, "no": 1, "unanswered": unanswered}
    seen = await opened(a_visit_to(a_result(in_days(), coming=coming, people_left_out=left_out)))
    assert "You: No answer yet" in seen.words
    assert (NOT_COUNTED in seen.words) == is_explained


@every_case(("pages", "is_found"), [(MOST_PAGES - 1, True), (MOST_PAGES, False)])
async def test_the_notes_of_a_session_are_found_behind_those_of_later_ones(pages: int, is_found: bool) -> None:
    visit = a_visit_to(a_result(in_days(-2)))
    asked: list[tuple[int, str | None]] = []

    def answer(query: ListNotes) -> NotesFound:
        asked.append((query.limit, query.after))
        number = len(asked)
        of_it = a_note(note_id=UUID(int=99), session_id=SESSION, title="How we began")
        notes = [of_it if number > pages else a_note(note_id=UUID(int=number), title="Of another one")]
        return NotesFound(notes=notes, after=None if number > pages else f"page {number}")

    visit.gateway.answers[ListNotes] = answer
    seen = await opened(visit)
    assert ("How we began" in seen.words) is is_found
    assert asked == [(100, None), *((100, f"page {number}") for number in range(1, MOST_PAGES))]


async def test_times_are_in_the_zone_of_the_reader() -> None:
    session = in_days(3)
    rome, tokyo = [
        (await opened(a_visit_to(a_result(session)), time_zone=zone)).words for zone in ("Europe/Rome", "Asia/Tokyo")
    ]
    assert rome != tokyo


@every_case(("path", "button"), [("/plan", "Save the plan"), ("/attendance", "Record who came")])
async def test_the_page_after_a_plan_or_a_record_is_the_session_with_its_buttons(path: str, button: str) -> None:
    times = in_days(10 / 1440) if path == "/plan" else running()
    visit = a_visit_to(a_result(times), **HOSTED)
    done = await visit.press(await opened(visit, path), button)
    assert [each.get_text() for each in done.html.select("header [aria-current=page]")] == ["Session"]
    assert (await visit.press(done, "I am here")).status == 200
    if path == "/plan":
        assert (await visit.press(done, "Maybe", coming="maybe")).status == 200
    assert [type(each) for each in sent(visit)[1:]] == [CheckIn, AnswerSession][: len(sent(visit)) - 1]


async def test_people_who_are_not_in_the_room_get_a_page_that_says_so() -> None:
    outsider = a_visit_to(a_result(in_days(), people=None), seat=False)
    seen = await opened(outsider)
    assert (seen.status, "Only for the people in the room" in seen.words) == (403, True)
    outsider.gateway.answers[GetSession] = NO_OFFICE
    assert (await opened(outsider)).status == 403


async def test_a_session_that_is_gone_is_not_like_one_that_is_closed() -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit)
    visit.gateway.answers[GetSession] = Refusal(code="session-unknown", detail="x")
    assert (await opened(visit)).status == 404
    lost = await visit.press(seen, "Maybe", coming="no", note="Alas.")
    assert (lost.status, "Alas." in lost.words) == (404, True)


async def test_a_link_expires_thirty_days_after_the_session() -> None:
    assert (await opened(a_visit_to(a_result(in_days(-30))))).status == 200
    visit = a_visit_to(a_result(in_days(-31)))
    seen = await opened(visit)
    assert (seen.status, "This link has expired" in seen.words) == (410, True)


async def test_offices_find_their_pages_while_they_are_of_use() -> None:
    plan, code, came = "Plan roles, cases and guests", "Show the code to check in", "Record who came"
    for session, expected in ((in_days(), {plan}), (running(), {plan, code, came}), (in_days(-1), {came})):
        seen = await opened(a_visit_to(a_result(session), **HOSTED))
        assert {plan, code, came} & set(links(seen)) == expected
        assert not {plan, code, came} & set(links(await opened(a_visit_to(a_result(session)))))
    steward: dict[str, Any] = {"host_id": CLEO, "steward_ids": [ADA]}
    assert {plan, code, came} & set(links(await opened(a_visit_to(a_result(running()), **steward)))) == {code, came}


@every_case("days", [3, 10 / 1440, -5 / 1440])
async def test_a_draft_offers_nothing_that_rooms_refuse_and_says_why(days: float) -> None:
    visit = a_visit_to(a_result(in_days(days)), **HOSTED, status="draft")
    seen = await opened(visit)
    offered = {"Plan roles, cases and guests", "Show the code to check in", "Record who came", "Code to check in"}
    assert (seen.status, seen.buttons, offered & set(links(seen))) == (200, [], set())
    assert "until it is published, nobody is asked whether they are coming" in seen.words
    assert ("Move the session" in links(seen)) is (days > 0)
    code = await opened(visit, "/code")
    assert (code.html.select("svg.code"), "from this time on" in code.words) == ([], False)


async def test_sessions_of_a_closed_room_are_answered_and_planned() -> None:
    seen = await opened(a_visit_to(a_result(in_days()), **HOSTED, status="closed"))
    assert (seen.buttons, "Plan roles, cases and guests" in links(seen)) == (ANSWER_BUTTONS, True)


async def test_offices_read_who_came() -> None:
    result = a_result(in_days(-1), present=[BEN, ADA], absent=[CLEO])
    seen = await opened(a_visit_to(result, **HOSTED))
    assert "2 people came Ben Okri , You" in seen.words
    assert "1 person did not come Cléo <Vic>" in seen.words


@every_case(("status", "offered"), [("scheduled", True), ("cancelled", False)])
async def test_a_note_about_a_session_that_was_called_off_is_not_offered(status: str, offered: bool) -> None:
    seen = await opened(a_visit_to(a_result(in_days(status=SessionStatus(status)))))
    assert ("Write a note about this session" in links(seen)) is offered


async def test_feedback_is_offered_once_the_session_has_begun() -> None:
    words = "Give feedback on this session"
    assert words not in links(await opened(a_visit_to(a_result(in_days()))))
    assert words in links(await opened(a_visit_to(a_result(running()))))
    assert words not in links(await opened(a_visit_to(a_result(running()), seat=False, **HOSTED)))


async def test_a_session_that_was_called_off_says_so_and_asks_nothing() -> None:
    seen = await opened(a_visit_to(a_result(in_days(status=SessionStatus.CANCELLED)), **HOSTED))
    assert "Called off" in seen.words
    assert seen.buttons == []


async def test_the_times_of_a_link_do_not_outlast_it() -> None:
    session = in_days(2)
    visit = a_visit_to(a_result(session))
    assert (await opened(visit, not_after=session.ends_at - timedelta(days=9))).status == 410
