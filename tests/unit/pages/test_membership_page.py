"""The membership page: opening it changes nothing, a button acts once, and its outcome is shown."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.unit.pages.builders import ADA, NOW, ROOM, a_history, a_membership_result, a_room_shown, a_way
from tests.unit.pages.sites import Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import LIFETIMES, Links
from practio_contracts.membership import (
    AcceptOffer,
    DeclineOffer,
    GetHistory,
    GetMembership,
    MembershipResult,
    Status,
    Withdraw,
)
from practio_contracts.rooms import GetRoom
from practio_pages.forms import Forms
from practio_pages.guard import MAX_BODY_BYTES

ACCEPT, DECLINE, WITHDRAW = (command.routing_key for command in (AcceptOffer, DeclineOffer, Withdraw))
UNTIL = NOW + timedelta(hours=20)


def an_offered_seat(visit: Visit, **room: object) -> Visit:
    offered = a_membership_result(Status.OFFERED, ACCEPT, DECLINE, WITHDRAW, offer_expires_at=UNTIL)
    visit.gateway.answers |= {GetRoom: a_room_shown(**room), GetMembership: offered}
    visit.gateway.answers[GetHistory] = a_history(Status.REQUESTED, Status.WAITLISTED, Status.OFFERED)
    return visit


async def test_a_page_shows_the_room_the_status_and_the_available_commands() -> None:
    visit = an_offered_seat(a_visit())
    seen = await visit.get(visit.path(a_way(locale="en", time_zone="Europe/Berlin")))
    assert seen.status == 200
    assert seen.buttons == ["Accept the seat", "Decline the seat"]
    for words in (
        "Think through cases together.",
        "Seat offered",
        "Tuesday, 3 March 2026, 15:00",
        "Added to the waitlist",
    ):
        assert words.lower() in seen.words.lower().replace("on the waitlist", "waitlisted")
    assert {actor for _, actor in visit.gateway.queries} == {ADA}


async def test_following_a_link_twice_changes_nothing() -> None:
    visit = an_offered_seat(a_visit())
    for _ in range(2):
        await visit.get(visit.path(a_way()))
    assert visit.gateway.sent == []


async def test_a_button_acts_for_its_person_in_its_room_and_pressed_twice_is_one_command() -> None:
    visit = an_offered_seat(a_visit())
    visit.gateway.outcomes[AcceptOffer] = accepted(AcceptOffer)
    seen = await visit.get(visit.path(a_way()))
    for _ in range(2):
        done = await visit.press(seen, "Accept the seat")
        assert (done.status, "Done" in done.words) == (200, True)
    first, second = visit.gateway.sent
    assert first == second
    assert (first.command, first.actor) == (AcceptOffer(room_id=ROOM, person_id=ADA), ADA)


async def test_a_refusal_is_shown_beside_the_current_status() -> None:
    visit = an_offered_seat(a_visit())
    visit.gateway.outcomes[AcceptOffer] = Refusal(code="offer-expired", detail="the offer is over")
    done = await visit.press(await visit.get(visit.path(a_way())), "Accept the seat")
    assert done.status == 409
    assert "This offer is no longer valid" in done.words


async def test_a_refusal_without_a_translation_shows_its_detail() -> None:
    visit = an_offered_seat(a_visit())
    visit.gateway.outcomes[AcceptOffer] = Refusal(code="version-conflict", detail="the <role> is full")
    done = await visit.press(await visit.get(visit.path(a_way())), "Accept the seat")
    assert "the <role> is full" in done.words
    assert "<role>" not in done.answer.text


@pytest.mark.parametrize("foreign", ["", "x", "of-another-person", "of-another-room", "of-another-page", "of-a-key"])
async def test_a_form_that_is_not_of_this_page_does_nothing(foreign: str) -> None:
    visit = an_offered_seat(a_visit())
    forms = visit.site.forms
    written = {
        "of-another-person": forms.sign(ACCEPT, person_id=UUID(int=77), room_id=ROOM),
        "of-another-room": forms.sign(ACCEPT, person_id=ADA, room_id=UUID(int=77)),
        "of-another-page": forms.sign("notifications.set-preferences.v1", person_id=ADA, room_id=ROOM),
        "of-a-key": Forms(["f" * 32]).sign(ACCEPT, person_id=ADA, room_id=ROOM),
    }
    seen = await visit.post(visit.path(a_way()), {"form": written.get(foreign, foreign)})
    assert (seen.status, visit.gateway.sent) == (400, [])
    assert "Nothing was done" in seen.words


async def test_an_expired_or_forged_link_explains_how_to_get_another() -> None:
    visit = a_visit()
    forged = await visit.get(visit.path(a_way()) + "x")
    assert (forged.status, "does not work" in forged.words) == (404, True)
    over = Links("https://rooms.example.org", ["k" * 32], dict.fromkeys(LIFETIMES, timedelta(seconds=-1)))
    visit.app.state.site = replace(visit.site, links=over)
    expired = await visit.get(visit.path(a_way()))
    assert (expired.status, "has expired" in expired.words) == (410, True)
    for seen in (forged, expired):
        assert [each["href"] for each in seen.html.select("a.button")] == ["/link"]


async def test_without_an_answer_the_page_explains_that_a_retry_is_safe() -> None:
    visit = an_offered_seat(a_visit())
    seen = await visit.press(await visit.get(visit.path(a_way())), "Accept the seat")
    assert (seen.status, seen.answer.headers["retry-after"]) == (503, "10")
    assert "counts only once" in seen.words
    visit.gateway.answers.clear()
    seen = await visit.get(visit.path(a_way()))
    assert (seen.status, "counts only once" in seen.words) == (503, False)


async def test_text_that_people_entered_is_escaped() -> None:
    visit = an_offered_seat(a_visit(), title="<script>alert(1)</script>", purpose='"><img src=x onerror=1>')
    seen = await visit.get(visit.path(a_way()))
    assert "<script" not in seen.answer.text
    assert "<img" not in seen.answer.text


async def test_a_person_without_a_request_reads_that_they_have_none() -> None:
    visit = an_offered_seat(a_visit())
    visit.gateway.answers[GetMembership] = MembershipResult(membership=None, moves=["membership.request-to-join.v1"])
    visit.gateway.answers[GetHistory] = a_history()
    assert "You have not requested" in (await visit.get(visit.path(a_way()))).words


async def test_every_answer_protects_its_reader() -> None:
    visit = an_offered_seat(a_visit())
    for path in (visit.path(a_way()), "/nowhere", "/way/forged"):
        headers = (await visit.get(path)).answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["strict-transport-security"]
    assert "strict-transport-security" not in (await a_visit("http://localhost").get("/livez")).answer.headers


async def test_a_request_larger_than_any_form_is_rejected() -> None:
    visit = an_offered_seat(a_visit())
    assert (await visit.post(visit.path(a_way()), {"form": "x" * MAX_BODY_BYTES})).status == 413
    assert visit.gateway.sent == []
