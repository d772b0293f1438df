"""Nothing that was entered is lost: a form comes back filled if it was open for too long, or if nobody answers."""

from collections.abc import Sequence
from datetime import timedelta

from tests.support.every_case import every_case
from tests.support.thorough import part
from tests.unit.pages.builders import a_membership_result, a_room_shown
from tests.unit.pages.every_page import (
    ASK,
    EVERY_FORM,
    REQUEST,
    STOP,
    VERSION,
    Form,
    a_full_visit,
    filled_in,
    name_of,
    opened,
    pressed,
    routes_of,
    send_again,
    stated,
    with_parts,
)
from tests.unit.pages.hosts import NO_OFFICE, a_roster
from tests.unit.pages.sites import KEYS, Seen, SentCommand, Visit
from tests.unit.pages.sites import PAGES as PAGES_URL

from practio_contracts.answers import Refusal
from practio_contracts.links import LIFETIMES, Links
from practio_contracts.membership import GetMembership, GetRoster, RequestToJoin, Status
from practio_contracts.rooms import GetRoom
from practio_pages.app import PAGES
from practio_pages.forms import Forms

AGED = Forms(KEYS, lifetime=timedelta(seconds=-1))
"""Forms that are too old as soon as they are signed."""

ACCEPTED = "I have read the guidelines (version 2) and will follow them."
WRITTEN = ["To learn <more>.", "observer", "coach", "Hello\nthere", ACCEPTED]


async def sent_too_late(visit: Visit, form: Form, **entered: str) -> Seen:
    """Send a form that was too old already when its page was opened."""
    with_parts(visit, forms=AGED)
    form.shown(visit)
    seen = await visit.get(form.page.opened_by(visit))
    seen = await visit.press(seen, form.button, **{**form.entered, **entered})
    with_parts(visit, forms=Forms(KEYS))
    return seen


def sent_once(visit: Visit) -> Sequence[SentCommand]:
    """Return the commands of a form that was sent twice, which were the same each time."""
    sent = visit.gateway.sent
    once, again = sent[: len(sent) // 2], sent[len(sent) // 2 :]
    assert once
    assert once == again
    return once


def test_every_form_of_the_site_is_tried() -> None:
    visit = a_full_visit()
    tried = routes_of("POST", [form.page.opened_by(visit) for form in EVERY_FORM.values()])
    assert tried == {route.path for route in PAGES if "POST" in (route.methods or ())} - {"/stop/{token}"}


@every_case("form", part(EVERY_FORM.values(), of=3), ids=name_of)
async def test_every_form_on_the_page_after_a_form_is_taken(form: Form) -> None:
    _, done = await pressed(form)
    visit = a_full_visit()
    visit.gateway.link_version = VERSION
    form.shown(visit)
    for each in done.html.select('form[method="post"]'):
        button = each.select("button")[0]
        chosen = {str(button["name"]): str(button["value"])} if button.get("name") else {}
        taken = await visit.post(str(each.get("action") or done.path), filled_in(each) | chosen)
        assert taken.status not in (400, 404, 405), str(each)


@every_case("form", part(EVERY_FORM.values(), of=3, at=1), ids=name_of)
async def test_a_form_that_was_open_for_too_long_comes_back_filled_and_is_sent_once(form: Form) -> None:
    visit = a_full_visit()
    late = await sent_too_late(visit, form)
    assert (late.status, visit.gateway.sent) == (409, [])
    assert "open for too long" in late.html.select("[role=alert]")[0].get_text()
    for _ in range(2):
        assert (await send_again(visit, late, form.button)).status == 200
    once = sent_once(visit)

    in_time, _ = await pressed(form)
    expected = in_time.gateway.sent
    assert [(stated(each.command), each.actor) for each in once] == [
        (stated(each.command), each.actor) for each in expected
    ]


@every_case("form", part(EVERY_FORM.values(), of=3, at=2), ids=name_of)
async def test_without_an_answer_the_same_form_is_sent_again(form: Form) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    visit.gateway.is_away = True
    away = await visit.press(seen, form.button, **form.entered)
    assert (away.status, visit.gateway.sent, away.buttons) == (503, [], ["Send it again"])
    visit.gateway.is_away = False
    assert (await send_again(visit, away, "Send it again")).status == 200
    await visit.press(seen, form.button, **form.entered)
    sent_once(visit)


async def test_a_form_that_was_open_for_too_long_comes_back_once_the_services_answer() -> None:
    visit, form = a_full_visit(), EVERY_FORM["request"]
    seen = await opened(visit, form)
    with_parts(visit, forms=AGED)
    visit.gateway.is_away = True
    away = await visit.press(seen, form.button, **form.entered)
    assert (away.status, away.html.select("[role=alert]")) == (503, [])
    visit.gateway.is_away = False
    late = await send_again(visit, away, "Send it again")
    assert (late.status, late.html.select("#message")[0].get_text()) == (409, REQUEST["message"])


async def test_without_an_answer_the_button_that_stops_letters_comes_back_too() -> None:
    visit = a_full_visit()
    seen = await visit.get(STOP.opened_by(visit))
    visit.gateway.is_away = True
    away = await visit.press(seen, "Stop these emails")
    visit.gateway.is_away = False
    assert "have stopped" in (await send_again(visit, away, "Send it again")).words


async def test_a_form_that_was_open_for_too_long_has_an_id_of_its_own_when_it_comes_back() -> None:
    """A service would answer the old id as it did then, and do nothing, even if the person has left since."""
    visit, form = a_full_visit(), EVERY_FORM["request"]
    seen = await opened(visit, form)
    await visit.press(seen, form.button, **form.entered)
    with_parts(visit, forms=AGED)
    late = await visit.press(seen, form.button, **form.entered)
    with_parts(visit, forms=Forms(KEYS))
    await send_again(visit, late, form.button)
    before, after = visit.gateway.sent
    assert (before.command, before.id == after.id) == (after.command, False)


async def test_what_was_written_is_shown_if_the_page_has_no_field_for_it() -> None:
    visit, form = a_full_visit(), EVERY_FORM["request"]
    seen = await opened(visit, form)
    visit.gateway.outcomes[RequestToJoin] = Refusal(code="barred", detail="x")
    visit.gateway.answers[GetMembership] = a_membership_result(Status.REMOVED)
    with_parts(visit, forms=AGED)
    late = await visit.press(seen, form.button, **form.entered)
    with_parts(visit, forms=Forms(KEYS))
    refused = await visit.press(seen, form.button, **form.entered)
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    gone = await visit.press(seen, form.button, **form.entered)
    assert (late.status, refused.status, gone.status) == (409, 409, 404)
    assert "You now see how things stand." in late.words
    for shown in (late, refused, gone):
        assert shown.html.select("form") == []
        assert [each.get_text() for each in shown.html.select("[aria-labelledby=written] .typed")] == WRITTEN


async def test_an_answer_to_a_question_that_the_room_no_longer_has_is_shown() -> None:
    visit, form = a_full_visit(), EVERY_FORM["request"]
    seen = await opened(visit, form)
    visit.gateway.answers[GetRoom] = a_room_shown()
    with_parts(visit, forms=AGED)
    late = await visit.press(seen, form.button, **form.entered)
    written = [each.get_text() for each in late.html.select("[aria-labelledby=written] .typed")]
    assert written == [each for each in WRITTEN if each != REQUEST["message"]]
    assert late.html.select("#message")[0].get_text() == REQUEST["message"]


async def test_a_reason_for_a_person_who_is_gone_is_shown() -> None:
    visit, form = a_full_visit(), EVERY_FORM["decide"]
    seen = await opened(visit, form)
    visit.gateway.answers[GetRoster] = a_roster([])
    with_parts(visit, forms=AGED)
    late = await visit.press(seen, form.button, **form.entered)
    visit.gateway.answers[GetRoster] = NO_OFFICE
    closed = await visit.press(seen, form.button, **form.entered)
    assert (late.status, closed.status) == (409, 403)
    for shown in (late, closed):
        written = {each.get_text() for each in shown.html.select("[aria-labelledby=written] .typed")}
        assert written == {"Decline", "Approve", "Too far.", "Alas."}


async def test_behind_an_expired_link_what_was_written_is_shown_but_not_behind_a_forged_one() -> None:
    visit, form = a_full_visit(), EVERY_FORM["request"]
    seen = await opened(visit, form)
    forged = await visit.post(seen.path.replace("/ask", "x/ask"), REQUEST)
    with_parts(visit, links=Links(PAGES_URL, KEYS, dict.fromkeys(LIFETIMES, timedelta(seconds=-1))))
    expired = await visit.press(seen, form.button, **form.entered)
    assert (expired.status, forged.status) == (410, 404)
    assert [each.get_text() for each in expired.html.select(".typed")] == WRITTEN
    assert forged.html.select(".typed") == []


async def test_with_a_form_that_was_signed_elsewhere_what_was_written_is_shown_behind_a_good_link_alone() -> None:
    visit, form = a_full_visit(), EVERY_FORM["request"]
    with_parts(visit, forms=Forms(["another key of more than 32 letters"]))
    form.shown(visit)
    seen = await visit.get(form.page.opened_by(visit))
    with_parts(visit, forms=Forms(KEYS))
    refused = await visit.press(seen, form.button, **form.entered)
    assert (refused.status, visit.gateway.sent) == (400, [])
    assert [each.get_text() for each in refused.html.select(".typed")] == WRITTEN
    without_link = await visit.post("/link", {"form": "x", **REQUEST})
    assert (without_link.status, without_link.html.select(".typed")) == (400, [])


async def test_a_form_that_cannot_be_read_behind_an_expired_link_gets_the_same_page() -> None:
    visit = a_full_visit()
    with_parts(visit, links=Links(PAGES_URL, KEYS, dict.fromkeys(LIFETIMES, timedelta(seconds=-1))))
    broken = {"content": "no part", "headers": {"content-type": "multipart/form-data; boundary=b"}}
    assert (await visit._request("POST", ASK.opened_by(visit), **broken)).status == 410


async def test_a_page_that_is_away_is_opened_again_with_its_search() -> None:
    visit = a_full_visit()
    visit.gateway.is_away = True
    away = await visit.get("/?text=cases&mode=online")
    assert [each["href"] for each in away.html.select("main a")] == ["/?text=cases&mode=online"]
