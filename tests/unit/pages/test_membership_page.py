"""The membership page: opening it changes nothing, a button acts once, and its outcome is shown."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.support.every_case import every_case
from tests.support.html import as_read
from tests.unit.pages.builders import (
    ADA,
    NOW,
    ROOM,
    a_change,
    a_history,
    a_membership_result,
    a_room_shown,
    a_way,
)
from tests.unit.pages.sites import Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import LIFETIMES, Links
from practio_contracts.membership import (
    AcceptOffer,
    DeclineInvitation,
    DeclineOffer,
    GetHistory,
    GetMembership,
    History,
    MembershipResult,
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import GetRoom
from practio_pages.forms import Forms
from practio_pages.guard import MAX_BODY_BYTES

ACCEPT, DECLINE, WITHDRAW = (command.routing_key for command in (AcceptOffer, DeclineOffer, Withdraw))
DECLINE_INVITATION = DeclineInvitation.routing_key
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
    visit.gateway.outcomes[AcceptOffer] = Refusal(code="of-a-later-release", detail="the <role> is full")
    done = await visit.press(await visit.get(visit.path(a_way())), "Accept the seat")
    assert "the <role> is full" in done.words
    assert "<role>" not in done.answer.text


@every_case("foreign", ["", "x", "of-another-person", "of-another-room", "of-another-page", "of-a-key"])
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
    path = visit.path(a_way(locale="it"))
    seen = await visit.post(path, {"form": "x" * MAX_BODY_BYTES})
    assert (seen.status, visit.gateway.sent) == (413, [])
    assert "quello che hai inserito c’è ancora" in seen.words, "in the language of the letter, with what to do"
    assert [each["href"] for each in seen.html.select("main a.button")] == [path]
    assert seen.answer.headers["cache-control"] == "no-store"


async def test_a_request_that_is_too_large_anywhere_gets_a_page_in_the_language_of_the_browser() -> None:
    for path in ("/link", "/way/forged", "/nowhere/", "/"):
        seen = await a_visit().post(path, {"email": "x" * MAX_BODY_BYTES}, **{"accept-language": "de"})
        assert (seen.status, "Das ist zu groß" in seen.words) == (413, True)


def with_membership(visit: Visit, status: Status, *moves: str) -> Visit:
    visit.gateway.answers |= {GetRoom: a_room_shown(), GetMembership: a_membership_result(status, *moves)}
    visit.gateway.answers[GetHistory] = a_history(Status.REQUESTED)
    return visit


@every_case(
    ("status", "move", "button", "follows"),
    [
        (Status.JOINED, WITHDRAW, "Leave the room", "You give up your seat. It goes to the next person"),
        (Status.WAITLISTED, WITHDRAW, "Leave the waitlist", "your place on it is lost"),
        (Status.REQUESTED, WITHDRAW, "Withdraw your request", "Your request to join is withdrawn."),
        (
            Status.OFFERED,
            DECLINE,
            "Decline the seat",
            "You give up the seat that is held for you. It goes to the next person",
        ),
        (Status.INVITED, DECLINE_INVITATION, "Decline the invitation", "Your invitation ends."),
    ],
)
async def test_what_follows_is_said_before_somebody_leaves(
    status: Status, move: str, button: str, follows: str
) -> None:
    visit = with_membership(a_visit(), status, move)
    seen = await visit.get(visit.path(a_way()))
    [pressed] = [each for each in seen.html.select("button") if each.get_text().strip() == button]
    [notice] = seen.html.select(f"#{pressed['aria-describedby']}")
    assert follows in " ".join(notice.get_text().split())


@every_case(
    ("status", "kind", "button", "name"),
    [
        (Status.JOINED, Withdraw, "Leave the room", "reason"),
        (Status.INVITED, DeclineInvitation, "Decline the invitation", "message"),
    ],
)
async def test_who_leaves_may_say_why_and_a_refusal_keeps_it(
    status: Status, kind: type[Command], button: str, name: str
) -> None:
    visit = with_membership(a_visit(), status, kind.routing_key)
    visit.gateway.outcomes[kind] = Refusal(code="failed", detail="x")
    seen = await visit.get(visit.path(a_way()))
    refused = await visit.press(seen, button, **{name: " I have moved. "})
    [field] = refused.html.select(f"textarea[name={name}]")
    assert (refused.status, field.get_text().strip()) == (409, "I have moved.")
    visit.gateway.outcomes[kind] = accepted(kind)
    for _ in range(2):
        done = await visit.press(refused, button, **{name: "I have moved."})
        assert (done.status, "I have moved." in done.words) == (200, False)
    first, second, third = visit.gateway.sent
    assert first.command == kind.model_validate({"room_id": ROOM, "person_id": ADA, name: "I have moved."})
    assert (second.id, second.command) == (third.id, third.command)
    broken = await visit.press(seen, button, **{name: "a\x00b"})
    assert (broken.status, as_read("a\x00b") in broken.html.get_text()) == (422, True)
    assert "characters that cannot be read" in broken.words


async def test_a_reason_for_leaving_a_room_that_is_left_meanwhile_is_shown() -> None:
    visit = with_membership(a_visit(), Status.JOINED, WITHDRAW)
    seen = await visit.get(visit.path(a_way()))
    with_membership(visit, Status.WITHDRAWN)
    visit.gateway.outcomes[Withdraw] = Refusal(code="not-a-member", detail="x")
    done = await visit.press(seen, "Leave the room", reason="I have moved.")
    assert (done.status, "I have moved." in done.words) == (409, True)


@every_case(
    ("before", "button", "words"),
    [
        (Status.JOINED, "Leave the room", "Done: you have left the room."),
        (Status.WAITLISTED, "Leave the waitlist", "Done: you have left the waitlist."),
        (Status.REQUESTED, "Withdraw your request", "Done: your request is withdrawn."),
    ],
)
async def test_who_left_reads_what_they_left(before: Status, button: str, words: str) -> None:
    visit = with_membership(a_visit(), before, WITHDRAW)
    seen = await visit.get(visit.path(a_way()))
    with_membership(visit, Status.WITHDRAWN)
    visit.gateway.answers[GetHistory] = History(changes=[a_change("withdrawn", Status.WITHDRAWN, **{"from": before})])
    visit.gateway.outcomes[Withdraw] = accepted(Withdraw)
    assert words in (await visit.press(seen, button)).words
