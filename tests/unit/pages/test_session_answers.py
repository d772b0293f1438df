"""What people say on the page of a session: whether they come, and that they are there."""

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.sessions import ANSWER_BUTTONS, SESSION, a_result, a_visit_to, in_days, opened, running, sent
from tests.unit.pages.sites import accepted

from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    AnswerSession,
    CheckIn,
    Coming,
    GetSession,
    Scope,
    SessionStatus,
)

ABOUT = {"room_id": ROOM, "session_id": SESSION, "person_id": ADA}


@every_case(("words", "coming"), list(zip(ANSWER_BUTTONS, ("yes", "maybe", "no"), strict=True)))
async def test_a_person_says_whether_they_come(words: str, coming: str) -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit)
    assert seen.buttons == ANSWER_BUTTONS
    [button] = [each for each in seen.html.select("button") if each.get_text().strip() == words]
    assert (button["name"], button["value"]) == ("coming", coming)
    done = await visit.press(seen, words, coming=coming, note="See you.")
    assert (done.status, len(done.html.select("[role=status]"))) == (200, 1)
    [command] = sent(visit)
    assert command == AnswerSession(**ABOUT, coming=Coming(coming), note="See you.")


@every_case(
    ("query", "fore"),
    [("?coming=no", "Not this time"), ("?coming=maybe", "Maybe"), ("", "I am coming"), ("?coming=x", "I am coming")],
)
async def test_the_answer_of_a_letters_link_comes_to_the_fore_and_is_not_given_yet(query: str, fore: str) -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit, query)
    buttons = seen.html.select('button[name="coming"]')
    assert [each.get_text().strip() for each in buttons if "quiet" not in each.classes] == [fore]
    assert sent(visit) == []


async def test_an_answer_for_all_dates_that_follow_is_offered_in_a_series_alone() -> None:
    visit = a_visit_to(a_result(in_days(series_id=SESSION)))
    await visit.press(await opened(visit), "Maybe", coming="maybe", scope="following")
    assert sent(visit) == [AnswerSession(**ABOUT, coming=Coming.MAYBE, scope=Scope.FOLLOWING)]
    assert not (await opened(a_visit_to(a_result(in_days())))).html.select("[name=scope]")


async def test_pressed_twice_counts_once_and_another_answer_is_another_command() -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit)
    for coming in ("yes", "yes", "no"):
        await visit.press(seen, "Maybe", coming=coming)
    first, again, other = (each.id for each in visit.gateway.sent)
    assert (first == again, first == other) == (True, False)


async def test_the_answer_so_far_and_its_note_are_shown() -> None:
    people = [{"person_id": ADA, "coming": "maybe", "note": "Train?"}]
    seen = await opened(a_visit_to(a_result(in_days(), people=people)))
    assert seen.html.select("#answer + .status")[0].get_text() == "Maybe"
    assert seen.html.select("#note")[0].get_text() == "Train?"


async def test_an_answer_that_is_sent_back_keeps_the_language_and_the_answer_of_the_letter() -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit, "?coming=no&lang=de")
    back = await visit.press(seen, "Diesmal nicht", coming="no", note="x" * 301)
    assert (back.status, back.html["lang"]) == (422, "de")
    buttons = back.html.select('button[name="coming"]')
    assert [each["value"] for each in buttons if "quiet" not in each.classes] == ["no"]


@every_case(
    ("refusal", "words"),
    [
        (Refusal(code="session-past", detail="x"), "answers are no longer taken"),
        (Refusal(code="not-in-this-state", detail="x"), "Somebody has changed the room or the session"),
    ],
)
async def test_a_refusal_is_said_in_words_and_keeps_the_note(refusal: Refusal, words: str) -> None:
    visit = a_visit_to(a_result(in_days()))
    visit.gateway.outcomes[AnswerSession] = refusal
    seen = await visit.press(await opened(visit), "Maybe", coming="no", note="Alas.")
    assert seen.status == 409
    assert words in seen.html.select("[role=alert]")[0].get_text()
    assert seen.html.select("#note")[0].get_text() == "Alas."


async def test_a_note_that_is_too_long_or_no_answer_is_marked_and_kept() -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await visit.press(await opened(visit), "Maybe", coming="no", note="x" * 301)
    assert (seen.status, sent(visit)) == (422, [])
    assert seen.html.select("#note")[0].get_text() == "x" * 301
    assert seen.html.select("#note-fault")
    seen = await visit.press(await opened(visit), "Maybe", coming="perhaps")
    assert (seen.status, sent(visit)) == (422, [])


async def test_what_was_typed_is_shown_if_the_session_takes_no_answer_any_more() -> None:
    visit = a_visit_to(a_result(in_days()))
    seen = await opened(visit)
    visit.gateway.answers[GetSession] = a_result(running())
    visit.gateway.outcomes[AnswerSession] = Refusal(code="session-past", detail="x")
    late = await visit.press(seen, "Maybe", coming="no", note="Alas.")
    assert [each.get_text() for each in late.html.select("[aria-labelledby=written] .typed")] == [
        "Not this time",
        "Alas.",
    ]


async def test_people_in_the_room_check_in_from_half_an_hour_before_until_the_end() -> None:
    for session, seat, expected in (
        (in_days(31 / 1440), True, False),
        (in_days(29 / 1440), True, True),
        (running(), True, True),
        (in_days(-1), True, False),
        (running(), False, False),
        (running(status=SessionStatus.CANCELLED), True, False),
    ):
        seen = await opened(a_visit_to(a_result(session), seat=seat))
        assert ("I am here" in seen.buttons) is expected
    visit = a_visit_to(a_result(running()))
    done = await visit.press(await opened(visit), "I am here")
    assert "You are checked in" in done.html.select("title")[0].get_text()
    assert sent(visit) == [CheckIn(**ABOUT)]


@every_case("code", ["not-yet", "session-over"])
async def test_a_check_in_at_the_wrong_time_is_refused_in_words(code: str) -> None:
    visit = a_visit_to(a_result(running()))
    seen = await opened(visit)
    visit.gateway.outcomes[CheckIn] = Refusal(code=code, detail="English only")
    seen = await visit.press(seen, "I am here")
    assert (seen.status, "English only" in seen.words) == (409, False)


async def test_what_is_repeated_says_so() -> None:
    visit = a_visit_to(a_result(running()))
    visit.gateway.outcomes[CheckIn] = accepted(CheckIn, changed=False)
    seen = await visit.press(await opened(visit), "I am here")
    assert "already done" in seen.html.select("[role=status]")[0].get_text()
