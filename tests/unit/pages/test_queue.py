"""A room's requests: who asks, waits and is in is told to its offices, and to nobody else."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.unit.pages.builders import HOST, NOW
from tests.unit.pages.hosts import ADA, BEN, CLEO, NO_OFFICE, QUESTIONS, a_host, a_queue, an_entry, comes, looked

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import (
    DecideRequests,
    GetRoster,
    Outcome,
    Status,
)
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import GetRoom


async def test_who_asks_is_shown_by_name_with_message_and_answers_and_until_when() -> None:
    access = {"policy": "approval", "questions": QUESTIONS, "request_expires_after_days": 10}
    answers = {"when": "Since 2019.", "why": "Cases.", "former": "Kept."}
    visit = a_host(an_entry(ADA, message="May I?\nPlease.", answers=answers), room={"access": access})
    seen = await looked(visit)
    assert seen.status == 200
    for words in (
        "Requests (1)",
        "Ada Lovelace Waiting since Monday, 2 March 2026. If nobody decides, the request lapses on "
        "Thursday, 12 March 2026, 19:00",
        "May I? Please.",
        "What do you bring? Cases. Since when? Since 2019. former Kept.",
    ):
        assert words in seen.words
    assert {actor for _, actor in visit.desk.asked} == {HOST}
    assert visit.desk.wished == []


async def test_seats_are_told_and_who_is_offered_one_waits_in_order_or_is_in() -> None:
    visit = a_host(
        an_entry(ADA, Status.JOINED, role="coach"),
        an_entry(BEN, Status.OFFERED, offer_expires_at=NOW + timedelta(hours=4)),
        an_entry(CLEO, Status.WAITLISTED, ahead=1, requested_at=NOW),
        capacity=3,
    )
    words = (await looked(visit)).words
    assert "Taken 1 Held for offers 1 Free 1 On the waitlist 1" in words
    assert "Nobody is waiting for a decision." in words
    assert "Ben Okri until Monday, 2 March 2026, 23:00" in words
    assert "Cléo <Vic> One person is ahead. Requested on Monday, 2 March 2026." in words
    assert "Ada Lovelace , coach since Monday, 2 March 2026" in words


async def test_whom_nobody_names_is_told_apart_all_the_same() -> None:
    stranger = UUID("00000000-0000-8000-8000-00000000beef")
    visit = a_host(an_entry(ADA), an_entry(stranger))
    assert "Somebody (BEEF)" in (await looked(visit)).words
    for nobody in (Refusal(code="not-allowed", detail="no"), None):
        visit.desk.answers[NamePeople] = nobody
        seen = await looked(visit)
        assert (seen.status, "Somebody (0ADA)" in seen.words) == (200, True)


async def test_each_button_says_whom_it_is_about_and_enter_presses_none_of_them() -> None:
    seen = await looked(a_host(an_entry(ADA), an_entry(CLEO)))
    buttons = seen.html.select("form button")
    assert [each.get("name") for each in buttons] == [None, "one", "one", "one", "one", None]
    assert [each.get("aria-label") for each in buttons if each.get("name")] == [
        "Approve now: Ada Lovelace",
        "Decline now: Ada Lovelace",
        "Approve now: Cléo <Vic>",
        "Decline now: Cléo <Vic>",
    ]
    described = {each["aria-describedby"] for each in seen.html.select("textarea")}
    assert described <= {each["id"] for each in seen.html.select("[id]")}
    assert len(seen.html.select("label[for]")) == len(seen.html.select("textarea")) == 3


async def test_one_request_needs_no_choices() -> None:
    seen = await looked(a_host(an_entry(ADA)))
    assert seen.buttons == ["Approve now", "Decline now"]
    assert seen.html.select("input[type=radio]") == []


@pytest.mark.parametrize(
    ("seats", "waitlist", "words"),
    [
        (2, True, "The room is full. People you approve go on the waitlist"),
        (2, False, "You cannot approve anyone until a seat is free"),
        (3, True, "One seat is free. If you approve more people, the others go on the waitlist."),
        (4, True, None),
    ],
)
async def test_what_an_approval_comes_to_is_said_before(seats: int, waitlist: bool, words: str | None) -> None:
    access = {"policy": "approval", "waitlist": {"enabled": waitlist}}
    visit = a_host(an_entry(ADA), an_entry(BEN), room={"access": access}, capacity=seats, joined=2)
    notes = [" ".join(each.get_text().split()) for each in (await looked(visit)).html.select("p.note")]
    assert len(notes) == (words is not None)
    assert all((words or "") in note for note in notes)


async def test_who_holds_no_office_any_more_is_told_so_and_decides_nothing() -> None:
    visit = a_host(an_entry(ADA))
    seen = await looked(visit)
    visit.desk.answers[GetRoster] = visit.desk.outcomes[DecideRequests] = NO_OFFICE
    for shut in (await looked(visit), await visit.press(seen, "Approve now", one=f"approve-{ADA}")):
        assert shut.status == 403
        assert "someone else decides now" in shut.words
        assert "Lovelace" not in shut.words


async def test_a_room_that_is_not_known_is_told_so() -> None:
    visit = a_host()
    visit.desk.answers[GetRoom] = Refusal(code="room-unknown", detail="no room")
    assert (await looked(visit)).status == 404


async def test_a_long_list_is_turned_page_by_page_and_back_to_its_beginning() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO), pages=2)
    first = await looked(visit, "?lang=en")
    (on,) = first.html.select("a[rel=next]")
    assert "Cléo" not in first.words
    second = await looked(visit, str(on["href"]).partition("#")[0])
    assert "Cléo <Vic>" in second.words
    assert "Ada" not in second.words
    (back,) = [each for each in second.html.select("a") if "beginning" in each.text]
    assert back["href"] == "?lang=en#requests"


@pytest.mark.parametrize("after", ["nowhere", "x" * 501, "%07"])
async def test_a_page_that_never_was_leads_nowhere(after: str) -> None:
    seen = await looked(a_host(an_entry(ADA)), f"?line={after}")
    assert (seen.status, "There is no page at this address. Check the address, or look for a room." in seen.words) == (
        404,
        True,
    )


async def test_a_link_to_ones_own_way_does_not_open_the_requests() -> None:
    visit = a_host(an_entry(ADA))
    own = visit.path(replace(a_queue(), purpose=Purpose.WAY)).replace("/way/", "/queue/")
    assert (await visit.get(own)).status == 404
    assert visit.desk.asked == []


async def test_what_people_typed_is_never_part_of_the_page_of_requests() -> None:
    evil = "<script>alert(1)</script>"
    access = {"policy": "approval", "questions": [{"key": "why", "text": evil}]}
    entry = an_entry(CLEO, message=evil, answers={"why": evil})
    visit = a_host(entry, an_entry(ADA), room={"access": access, "title": evil})
    comes(visit, Outcome(person_id=CLEO, accepted=True, status=Status.JOINED))
    seen = await looked(visit)
    done = await visit.press(seen, "Approve now", one=f"approve-{CLEO}", reason=f"</textarea>{evil}")
    for each in (seen, done):
        assert "<script" not in each.answer.text
        assert "<Vic>" not in each.answer.text
        assert "&amp;lt;" not in each.answer.text
