"""A room's requests: requests, waitlist and participants are shown to office holders and to nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import HOST, NOW
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.hosts import (
    ADA,
    BEN,
    CLEO,
    NO_OFFICE,
    QUESTIONS,
    a_host,
    a_queue,
    a_roster,
    an_entry,
    decided,
    looked,
    results_in,
)
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.membership import (
    Decided,
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


def turns(seen: Seen, part: str = "requests") -> dict[str, str]:
    """Return the buttons that turn a part of the page and keep what is entered in the form."""
    found = seen.html.select(f"button[name=turn][form=deciding][formaction='#{part}']")
    return {each.get_text(): str(each["value"]) for each in found}


async def turned(visit: Visit, seen: Seen, turn: str, **entered: str) -> Seen:
    """Press a button that turns a part of the page, with what is entered in the form besides."""
    form = seen.form("Approve now")
    return await visit.post(str(form["action"]), filled_in(form) | entered | {"turn": turn})


async def test_a_long_list_has_pages_and_a_button_back_to_its_beginning() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO), pages=2)
    first = await looked(visit, "?lang=en")
    assert "Cléo" not in first.words
    second = await turned(visit, first, turns(first)["Show more people"])
    assert (second.status, visit.gateway.sent) == (200, [])
    assert "Cléo <Vic>" in second.words
    assert "Ada" not in second.words
    assert turns(second) == {"Back to the beginning": "lang=en"}


async def test_what_was_entered_about_people_is_kept_on_other_pages_and_submitted_with_the_rest() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO), pages=2)
    first = await looked(visit)
    entered = {
        f"decide-{ADA}": "decline",
        f"reason-{ADA}": "Too far.\nAlas.",
        f"reason-{BEN}": "Later.",
        "reason": "Full.",
    }
    second = await turned(visit, first, turns(first)["Show more people"], **entered)
    assert "What you entered about 2 people on other pages of this list is kept" in second.words
    assert filled_in(second.form("Submit decisions"))["reason"] == "Full."
    back = await turned(visit, second, turns(second)["Back to the beginning"], **{f"decide-{CLEO}": "approve"})
    form = filled_in(back.form("Submit decisions"))
    assert {name: form[name] for name in entered} == entered
    assert "What you entered about one person on another page" in back.words
    results_in(
        visit,
        Outcome(person_id=ADA, accepted=True, status=Status.DECLINED),
        Outcome(person_id=CLEO, accepted=True, status=Status.JOINED),
    )
    visit.gateway.answers[GetRoster] = a_roster([an_entry(BEN)])
    done = await visit.post(str(back.form("Submit decisions")["action"]), form)
    assert sorted(decided(visit), key=lambda each: each.person_id) == [
        Decided(person_id=ADA, approve=False, reason="Too far.\nAlas."),
        Decided(person_id=CLEO, approve=True),
    ]
    assert filled_in(done.form("Approve now"))[f"reason-{BEN}"] == "Later."
    assert "kept" not in filled_in(done.form("Approve now"))


async def test_the_button_of_one_person_keeps_what_was_entered_on_another_page() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO), pages=2)
    first = await looked(visit)
    second = await turned(visit, first, turns(first)["Show more people"], **{f"decide-{ADA}": "approve"})
    results_in(visit, Outcome(person_id=CLEO, accepted=True, status=Status.JOINED))
    visit.gateway.answers[GetRoster] = a_roster([an_entry(ADA), an_entry(BEN), an_entry(HOST)], pages=2)
    form = second.form("Approve now")
    done = await visit.post(str(form["action"]), filled_in(form) | {"one": f"approve-{CLEO}"})
    assert decided(visit) == [Decided(person_id=CLEO, approve=True)]
    assert filled_in(done.form("Submit decisions"))[f"decide-{ADA}"] == "approve"


async def test_what_was_entered_is_kept_while_other_parts_of_the_page_are_turned() -> None:
    visit = a_host(an_entry(ADA), *(an_entry(each, Status.WAITLISTED) for each in (BEN, CLEO)), pages=1)
    first = await looked(visit)
    second = await turned(visit, first, turns(first, "line")["Show more people"], **{f"reason-{ADA}": "Later."})
    assert "Cléo <Vic>" in second.words
    assert filled_in(second.form("Approve now"))[f"reason-{ADA}"] == "Later."


async def test_without_requests_links_lead_to_other_parts_of_the_page() -> None:
    visit = a_host(*(an_entry(each, Status.WAITLISTED) for each in (BEN, CLEO)), pages=1)
    first = await looked(visit)
    [more] = [str(each["href"]) for each in first.html.select("a[rel=next]")]
    assert "Cléo <Vic>" in (await looked(visit, more.partition("#")[0])).words


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
