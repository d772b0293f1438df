"""The form to join: it asks what the room asks, explains refusals, and never loses input."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import (
    ADA,
    NOW,
    ROOM,
    a_history,
    a_link_to_rooms,
    a_membership_result,
    a_room_shown,
    a_way,
)
from tests.unit.pages.sites import Visit, a_visit, accepted

from practio_contracts.answers import FieldError, NextStep, Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    DeclineInvitation,
    GetHistory,
    GetMembership,
    MembershipResult,
    RequestToJoin,
    Status,
    Withdraw,
)
from practio_contracts.rooms import GetRoom

ASK, ACCEPT = RequestToJoin.routing_key, AcceptInvitation.routing_key
INVITED = (ACCEPT, DeclineInvitation.routing_key, Withdraw.routing_key)
QUESTIONS = [{"key": "why", "text": "Why do you come?", "required": True}, {"key": "since", "text": "Since when?"}]
ROOM_THAT_ASKS = {
    "access": {"policy": "approval", "questions": QUESTIONS},
    "guidelines": {"version": 2, "text": "Be kind."},
    "roles": [{"name": "coach"}, {"name": "observer"}],
}
FILLED = {"answer.why": "To learn.", "role.1": "observer", "guidelines": "2"}
MAY_ASK = MembershipResult(membership=None, moves=[ASK])


def at_the_form(stands: MembershipResult = MAY_ASK, **room: Any) -> tuple[Visit, str]:
    visit = a_visit()
    visit.gateway.answers |= {GetRoom: a_room_shown(**(ROOM_THAT_ASKS | room)), GetMembership: stands}
    visit.gateway.answers[GetHistory] = a_history()
    visit.gateway.outcomes[RequestToJoin] = accepted(RequestToJoin)
    visit.gateway.outcomes[AcceptInvitation] = accepted(AcceptInvitation)
    return visit, visit.path(a_way(locale="en", time_zone="Europe/Rome")) + "/ask"


async def test_the_form_asks_what_the_room_asks_and_marks_what_must_be_answered() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    form = seen.form("Request to join")
    labels = {str(each["for"]): each.words for each in form.select("label[for]")}
    assert labels["answer.why"] == "Why do you come? (required)"
    assert labels["answer.since"] == "Since when? (optional)"
    assert [each["name"] for each in form.select("[required]")] == ["answer.why", "guidelines"]
    assert [each["name"] for each in form.select("select")] == ["role.1", "role.2"]
    assert "Be kind." in form.get_text()


async def test_a_form_sends_a_request_of_the_links_person_and_pressed_twice_sends_one() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    for _ in range(2):
        await visit.press(seen, "Request to join", **FILLED)
    first, second = visit.gateway.sent
    assert first == second
    assert (first.actor, first.command) == (
        ADA,
        RequestToJoin(
            room_id=ROOM, person_id=ADA, roles=["observer"], answers={"why": "To learn."}, accepted_guidelines=2
        ),
    )


async def test_the_same_form_with_other_content_is_another_command() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    await visit.press(seen, "Request to join", **FILLED)
    await visit.press(seen, "Request to join", **FILLED | {"answer.why": "To teach."})
    first, second = visit.gateway.sent
    assert first.id != second.id


async def test_after_a_request_the_page_shows_the_outcome_and_a_link_to_the_membership() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    visit.gateway.answers[GetMembership] = a_membership_result(Status.REQUESTED, "membership.withdraw.v1")
    done = await visit.press(seen, "Request to join", **FILLED)
    assert (done.status, "the host has your request" in done.words) == (200, True)
    assert path.removesuffix("/ask") in [each["href"] for each in done.html.select("main a.button")]
    assert done.buttons == []


async def test_faults_are_shown_beside_their_fields_and_input_is_kept() -> None:
    visit, path = at_the_form()
    entered = {"answer.why": " ", "answer.since": "For <b>years</b>", "role.1": "observer", "message": "Hello"}
    seen = await visit.press(await visit.get(path), "Request to join", **entered)
    assert (seen.status, visit.gateway.sent) == (422, [])
    for name in ("answer.why", "guidelines"):
        marked = seen.html.with_id(name)
        assert marked["aria-invalid"] == "true"  # type: ignore[index]
        assert seen.html.with_id(marked["aria-describedby"])  # type: ignore[index]
    leading = {each["href"]: each.words for each in seen.html.select("[role=alert] a")}
    assert list(leading) == ["#answer.why", "#guidelines"]
    assert leading["#answer.why"] == "Why do you come? Please answer this question."
    assert seen.html.with_id("answer.since").get_text() == "For <b>years</b>"  # type: ignore[union-attr]
    assert seen.html.with_id("message").get_text() == "Hello"  # type: ignore[union-attr]
    assert [each.get_text() for each in seen.html.select("option[selected]")] == ["observer"]


REFUSALS = {
    "answers-missing": "not answered yet",
    "unknown-question": "room's questions have changed",
    "guidelines-not-accepted": "accept the current guidelines",
    "role-unknown": "Choose again below",
    "role-full": "Choose another role, or try again later",
    "waitlist-full": "Try again when someone has left",
    "waitlist-closed": "Try again later",
    "barred": "Only the host can let you request to join again",
    "invitation-required": "is by invitation only",
    "holds-office": "do not need a seat",
    "room-not-open": "is not accepting new people",
    "room-unknown": "try again in a moment",
}


@every_case(("code", "words"), REFUSALS.items())
async def test_every_refusal_is_explained_with_a_next_step(code: str, words: str) -> None:
    visit, path = at_the_form()
    visit.gateway.outcomes[RequestToJoin] = Refusal(code=code, detail="the detail")
    seen = await visit.press(await visit.get(path), "Request to join", **FILLED)
    assert seen.status == 409
    assert words in seen.html.select("[role=alert]")[0].get_text()
    assert "the detail" not in seen.words
    assert seen.html.with_id("answer.why").get_text() == "To learn."  # type: ignore[union-attr]


async def test_a_declined_person_reads_when_they_can_request_again() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    visit.gateway.answers[GetMembership] = a_membership_result(Status.DECLINED)
    visit.gateway.outcomes[RequestToJoin] = Refusal(
        code="reapply-later", detail="x", next_step=NextStep.RETRY_AFTER, retry_after=NOW + timedelta(days=3)
    )
    assert "5 March 2026" in (await visit.press(seen, "Request to join", **FILLED)).words
    visit.gateway.outcomes[RequestToJoin] = Refusal(code="reapply-later", detail="x")
    assert "does not accept a second one" in (await visit.press(seen, "Request to join", **FILLED)).words


@every_case("code", ["waitlist-full", "waitlist-closed", "role-full"])
async def test_after_a_temporary_refusal_the_form_keeps_its_input(code: str) -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    visit.gateway.answers[GetMembership] = MembershipResult(membership=None, moves=[])
    visit.gateway.outcomes[RequestToJoin] = Refusal(code=code, detail="x")
    refused = await visit.press(seen, "Request to join", **FILLED)
    assert refused.html.with_id("answer.why").get_text() == "To learn."  # type: ignore[union-attr]
    assert refused.buttons == ["Request to join"]


async def test_a_refusal_marks_the_fields_that_it_names() -> None:
    visit, path = at_the_form()
    errors = (FieldError(field="answers.since", message="x"),)
    visit.gateway.outcomes[RequestToJoin] = Refusal(code="answers-missing", detail="x", errors=errors)
    seen = await visit.press(await visit.get(path), "Request to join", **FILLED)
    assert seen.html.with_id("answer.since")["aria-invalid"] == "true"  # type: ignore[index]


async def test_an_invitation_is_accepted_by_the_same_form() -> None:
    visit, path = at_the_form(a_membership_result(Status.INVITED, *INVITED, role="coach"))
    seen = await visit.get(path)
    assert seen.html.select("select") == []
    await visit.press(seen, "Accept the invitation", **FILLED | {"role.1": ""})
    [sent] = visit.gateway.sent
    assert sent.command == AcceptInvitation(
        room_id=ROOM, person_id=ADA, answers={"why": "To learn."}, accepted_guidelines=2
    )


@every_case(
    ("stands", "room", "words"),
    [
        (MembershipResult(membership=None, moves=[]), {"status": "closed"}, "is not accepting new people"),
        (
            MembershipResult(membership=None, moves=[]),
            {"access": {"policy": "invitation"}},
            "is by invitation only",
        ),
        (MembershipResult(membership=None, moves=[]), {}, "cannot request to join"),
        (a_membership_result(Status.JOINED), {}, "In the room"),
    ],
)
async def test_a_person_who_cannot_request_sees_their_status_and_no_form(
    stands: MembershipResult, room: dict[str, Any], words: str
) -> None:
    visit, path = at_the_form(stands, **room)
    seen = await visit.get(path)
    assert (seen.status, seen.html.select("form"), words in seen.words) == (200, [], True)
    assert path.removesuffix("/ask") in [each["href"] for each in seen.html.select("main a.button")]


async def test_a_room_found_with_a_link_has_the_same_form() -> None:
    visit, _ = at_the_form()
    seen = await visit.get(visit.path(a_link_to_rooms()) + f"/room/{ROOM}")
    done = await visit.press(seen, "Request to join", **FILLED)
    assert done.status == 200
    assert [(each.actor, type(each.command)) for each in visit.gateway.sent] == [(ADA, RequestToJoin)]


@every_case("foreign", ["of-another-room", "of-another-person", "of-another-page", "x"])
async def test_a_form_that_is_not_of_this_page_does_nothing(foreign: str) -> None:
    visit, path = at_the_form()
    forms = visit.site.forms
    written = {
        "of-another-room": forms.sign(ASK, person_id=ADA, room_id=UUID(int=77)),
        "of-another-person": forms.sign(ASK, person_id=UUID(int=77), room_id=ROOM),
        "of-another-page": forms.sign("membership.withdraw.v1", person_id=ADA, room_id=ROOM),
    }
    seen = await visit.post(path, FILLED | {"form": written.get(foreign, foreign)})
    assert (seen.status, visit.gateway.sent) == (400, [])


async def test_a_room_that_cannot_be_shown_has_its_own_page() -> None:
    visit, path = at_the_form()
    seen = await visit.get(path)
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    assert (await visit.get(path)).status == 404
    assert (await visit.press(seen, "Request to join", **FILLED)).status == 404
    assert visit.gateway.sent == []


@every_case(
    ("stands", "words"),
    [
        (MAY_ASK, "Request to join"),
        (a_membership_result(Status.WITHDRAWN, ASK), "Request to join again"),
        (a_membership_result(Status.INVITED, *INVITED), "Accept the invitation"),
    ],
)
async def test_the_membership_page_leads_to_the_form(stands: MembershipResult, words: str) -> None:
    visit, path = at_the_form(stands)
    seen = await visit.get(path.removesuffix("/ask"))
    assert [(each.get_text(), each["href"]) for each in seen.html.select("main a.button")] == [(words, path)]
    assert "Accept the invitation" not in seen.buttons


async def test_an_invitation_to_a_room_that_asks_nothing_is_accepted_by_a_button() -> None:
    nothing: dict[str, Any] = {"access": {"policy": "approval"}, "guidelines": None, "roles": []}
    visit, path = at_the_form(a_membership_result(Status.INVITED, *INVITED), **nothing)
    seen = await visit.get(path.removesuffix("/ask"))
    assert seen.buttons == ["Accept the invitation", "Decline the invitation"]
    assert seen.html.select("main a.button") == []
