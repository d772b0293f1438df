"""The form of a room's requests: it decides once and shows each outcome by name."""

from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import HOST, ROOM
from tests.unit.pages.hosts import ADA, BEN, CLEO, a_host, a_queue, an_entry, decided, looked, results_in

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    Decided,
    DecideRequests,
    Outcome,
    RefusalCode,
    Status,
)


async def test_several_choices_are_one_command_and_pressed_twice_the_same_one() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN), an_entry(CLEO))
    results_in(
        visit,
        Outcome(person_id=ADA, accepted=True, status=Status.JOINED),
        Outcome(person_id=BEN, accepted=True, status=Status.DECLINED),
    )
    seen = await looked(visit)
    fields = {f"decide-{ADA}": "approve", f"decide-{BEN}": "decline", f"decide-{CLEO}": "", "reason": "Too far."}
    done, again = [await visit.press(seen, "Submit decisions", **fields) for _ in range(2)]
    assert (done.status, again.status) == (200, 200)
    assert "Ada Lovelace Approved: they have a seat in the room." in done.words
    assert "Ben Okri Declined." in done.words
    assert "Too far." not in done.words
    first, second = visit.gateway.sent
    assert first == second
    assert first.command == DecideRequests(
        room_id=ROOM,
        decisions=[
            Decided(person_id=ADA, approve=True),
            Decided(person_id=BEN, approve=False, reason="Too far."),
        ],
    )


async def test_a_form_sent_again_with_other_choices_is_another_command() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN))
    results_in(visit)
    seen = await looked(visit)
    for person in (ADA, BEN):
        await visit.press(seen, "Submit decisions", **{f"decide-{person}": "approve"})
    first, second = visit.gateway.sent
    assert first.id != second.id


async def test_the_button_of_one_person_decides_on_them_and_keeps_the_choices_for_others() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN))
    results_in(visit, Outcome(person_id=ADA, accepted=True, status=Status.WAITLISTED))
    seen = await looked(visit)
    pressed = {"one": f"approve-{ADA}", f"decide-{BEN}": "decline", "reason": "Alas."}
    done = await visit.press(seen, "Approve now", **pressed)
    assert decided(visit) == [Decided(person_id=ADA, approve=True)]
    assert "they are on the waitlist" in done.words
    kept = done.html.select_one(f"input[name='decide-{BEN}'][checked]")
    assert kept is not None
    assert kept["value"] == "decline"
    assert done.html.select("textarea[name=reason]")[0].get_text() == "Alas."


@every_case(
    ("outcome", "words"),
    [
        (
            {"code": RefusalCode.ALREADY_DECIDED, "status": Status.JOINED},
            "This was already decided; nothing has changed. Their current status: In the room",
        ),
        (
            {"code": RefusalCode.NOTHING_PENDING, "status": Status.WITHDRAWN},
            "This person no longer has a pending request; nothing has changed. Their current status: Withdrawn",
        ),
        (
            {"code": RefusalCode.NOTHING_PENDING, "status": None},
            "no longer has a pending request; nothing has changed.",
        ),
        ({"code": RefusalCode.SEAT_TAKEN, "status": Status.REQUESTED}, "the room has no waitlist"),
        ({"code": RefusalCode.WAITLIST_FULL, "status": Status.REQUESTED}, "the waitlist is full"),
        ({"code": RefusalCode.ROLE_FULL, "status": Status.REQUESTED}, "in the roles they chose"),
        ({"code": RefusalCode.HOLDS_OFFICE, "status": None, "detail": "in by office"}, "holds an office in the room"),
    ],
)
async def test_a_failed_decision_is_shown_by_name_with_the_current_status(outcome: dict[str, Any], words: str) -> None:
    visit = a_host(an_entry(BEN))
    seen = await looked(visit)
    results_in(visit, Outcome(person_id=ADA, accepted=False, **outcome))
    done = await visit.press(seen, "Approve now", one=f"approve-{ADA}")
    assert done.status == 409
    assert words in done.words.partition("Ada Lovelace")[2]


async def test_a_partial_success_shows_the_outcome_of_each_decision() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN))
    taken = Outcome(person_id=BEN, accepted=False, status=Status.DECLINED, code=RefusalCode.ALREADY_DECIDED)
    results_in(visit, Outcome(person_id=ADA, accepted=True, status=Status.OFFERED), taken)
    done = await visit.press(await looked(visit), "Submit decisions", **{f"decide-{ADA}": "approve"})
    assert done.status == 200
    assert "they have been offered a seat" in done.words
    assert "Their current status: Declined" in done.words


async def test_a_form_without_choices_does_nothing_and_keeps_its_input() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN))
    seen = await visit.press(await looked(visit), "Submit decisions", reason="Alas.")
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert "Approve or decline at least one person" in seen.words
    assert seen.html.select("textarea[name=reason]")[0].get_text() == "Alas."


async def test_a_reason_that_is_too_long_is_marked_and_kept() -> None:
    visit = a_host(an_entry(ADA), an_entry(BEN))
    pressed = {"one": f"decline-{ADA}", f"reason-{ADA}": "x" * 2_001}
    seen = await visit.press(await looked(visit), "Decline now", **pressed)
    assert (seen.status, visit.gateway.sent) == (422, [])
    (faulty,) = seen.html.select("textarea[aria-invalid]")
    assert faulty["name"] == f"reason-{ADA}"
    assert str(faulty["aria-describedby"]).endswith(f"reason-{ADA}-fault")
    assert faulty.get_text() == "x" * 2_001
    assert faulty.parent("details").has("open")  # type: ignore[union-attr]


async def test_a_refusal_of_all_decisions_is_shown_above_the_form() -> None:
    visit = a_host(an_entry(ADA))
    visit.gateway.outcomes[DecideRequests] = Refusal(code="room-not-open", detail="the room is over")
    done = await visit.press(await looked(visit), "Approve now", one=f"approve-{ADA}")
    assert done.status == 409
    assert "is not accepting new people" in done.words


@every_case("foreign", ["", "of-another-person", "of-another-room", "of-another-page"])
async def test_a_form_that_is_not_of_this_page_decides_nothing(foreign: str) -> None:
    visit = a_host(an_entry(ADA))
    decide, forms = DecideRequests.routing_key, visit.site.forms
    written = {
        "of-another-person": forms.sign(decide, person_id=ADA, room_id=ROOM),
        "of-another-room": forms.sign(decide, person_id=HOST, room_id=UUID(int=77)),
        "of-another-page": forms.sign("membership.withdraw.v1", person_id=HOST, room_id=ROOM),
    }
    fields = {"form": written.get(foreign, foreign), "one": f"approve-{ADA}"}
    seen = await visit.post(visit.path(a_queue()), fields)
    assert (seen.status, visit.gateway.sent) == (400, [])
