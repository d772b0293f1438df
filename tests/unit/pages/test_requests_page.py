"""A room's requests: requests, waitlist and participants are shown to office holders and to nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import HOST, NOW
from tests.unit.pages.hosts import ADA, BEN, CLEO, NO_OFFICE, QUESTIONS, a_host, a_queue, an_entry, looked, results_in

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


async def test_a_request_is_shown_with_name_message_answers_and_expiry() -> None:
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
    assert {actor for _, actor in visit.gateway.queries} == {HOST}
    assert visit.gateway.sent == []


async def test_a_request_lapses_when_membership_says_whatever_the_rule_is_by_now() -> None:
    access = {"policy": "approval", "request_expires_after_days": 10}
    lapses_at = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)
    seen = await looked(a_host(an_entry(ADA, request_expires_at=lapses_at), room={"access": access}))
    assert "the request lapses on Wednesday, 4 March 2026, 19:00" in seen.words


async def test_seats_offers_waitlist_and_participants_are_shown() -> None:
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


async def test_people_without_a_name_can_be_distinguished() -> None:
    stranger = UUID("00000000-0000-8000-8000-00000000beef")
    visit = a_host(an_entry(ADA), an_entry(stranger))
    assert "Somebody (BEEF)" in (await looked(visit)).words
    for nobody in (Refusal(code="not-allowed", detail="no"), None):
        visit.gateway.answers[NamePeople] = nobody
        seen = await looked(visit)
        assert (seen.status, "Somebody (0ADA)" in seen.words) == (200, True)


async def test_each_button_names_its_person_and_enter_presses_none_of_them() -> None:
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


@every_case(
    ("seats", "waitlist", "words"),
    [
        (2, True, "The room is full. People you approve go on the waitlist"),
        (2, False, "You cannot approve anyone until a seat is free"),
        (3, True, "One seat is free. If you approve more people, the others go on the waitlist."),
        (4, True, None),
    ],
)
async def test_the_effect_of_an_approval_is_shown_beforehand(seats: int, waitlist: bool, words: str | None) -> None:
    access = {"policy": "approval", "waitlist": {"enabled": waitlist}}
    visit = a_host(an_entry(ADA), an_entry(BEN), room={"access": access}, capacity=seats, joined=2)
    notes = [" ".join(each.get_text().split()) for each in (await looked(visit)).html.select("p.note")]
    assert len(notes) == (words is not None)
    assert all((words or "") in note for note in notes)


async def test_a_former_office_holder_sees_and_decides_nothing() -> None:
    visit = a_host(an_entry(ADA))
    seen = await looked(visit)
    visit.gateway.answers[GetRoster] = visit.gateway.outcomes[DecideRequests] = NO_OFFICE
    for shut in (await looked(visit), await visit.press(seen, "Approve now", one=f"approve-{ADA}")):
        assert shut.status == 403
        assert "someone else decides now" in shut.words
        assert "Lovelace" not in shut.words


async def test_an_unknown_room_has_its_own_page() -> None:
    visit = a_host()
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="no room")
    assert (await looked(visit)).status == 404


async def test_a_long_list_has_pages_and_a_link_back_to_its_beginning() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO), pages=2)
    first = await looked(visit, "?lang=en")
    (on,) = first.html.select("a[rel=next]")
    assert "Cléo" not in first.words
    second = await looked(visit, str(on["href"]).partition("#")[0])
    assert "Cléo <Vic>" in second.words
    assert "Ada" not in second.words
    (back,) = [each for each in second.html.select("a") if "beginning" in each.text]
    assert back["href"] == "?lang=en#requests"


@every_case("after", ["nowhere", "x" * 501, "%07"])
async def test_a_page_that_never_existed_is_not_found(after: str) -> None:
    seen = await looked(a_host(an_entry(ADA)), f"?line={after}")
    assert (seen.status, "There is no page at this address. Check the address, or look for a room." in seen.words) == (
        404,
        True,
    )


async def test_a_link_to_a_membership_does_not_open_the_requests() -> None:
    visit = a_host(an_entry(ADA))
    own = visit.path(replace(a_queue(), purpose=Purpose.WAY)).replace("/way/", "/queue/")
    assert (await visit.get(own)).status == 404
    assert visit.gateway.queries == []


async def test_text_that_people_entered_is_escaped_among_requests() -> None:
    evil = "<script>alert(1)</script>"
    access = {"policy": "approval", "questions": [{"key": "why", "text": evil}]}
    entry = an_entry(CLEO, message=evil, answers={"why": evil})
    visit = a_host(entry, an_entry(ADA), room={"access": access, "title": evil})
    results_in(visit, Outcome(person_id=CLEO, accepted=True, status=Status.JOINED))
    seen = await looked(visit)
    done = await visit.press(seen, "Approve now", one=f"approve-{CLEO}", reason=f"</textarea>{evil}")
    for each in (seen, done):
        assert "<script" not in each.answer.text
        assert "<Vic>" not in each.answer.text
        assert "&amp;lt;" not in each.answer.text
