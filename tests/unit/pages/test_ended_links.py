"""Links that have ended: every page answers that they are gone, and the preferences have the button that ends them."""

from tests.support.every_case import every_case
from tests.support.thorough import some
from tests.unit.pages.builders import ADA
from tests.unit.pages.every_page import (
    EVERY_FORM,
    EVERY_PAGE,
    PREFERENCES,
    Form,
    Page,
    a_full_visit,
    opened,
    send_again,
)
from tests.unit.pages.sites import Visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.notifications import EndLinks, GetPreferences
from practio_pages.pages.unsubscribe_page import ONE_CLICK

BY_LINK = {name: page for name, page in EVERY_PAGE.items() if page.purpose not in (None, Purpose.CALENDAR)}
"""A calendar answers in plain text (test_calendar_page.py)."""

FORMS_BY_LINK = {name: form for name, form in EVERY_FORM.items() if form.page.purpose is not None}


def a_visit_of(version: int) -> Visit:
    """Return a browser at a full site; links of ADA's with this version work."""
    visit = a_full_visit()
    visit.gateway.link_version = version
    return visit


@every_case("page", BY_LINK.values(), ids=BY_LINK)
@every_case(("known", "carried"), some([(1, 0), (2, 1), (0, 1)], few=1), ids=lambda version: str(version))
async def test_a_link_with_another_version_is_gone(page: Page, known: int, carried: int) -> None:
    visit = a_visit_of(known)
    seen = await visit.get(page.opened_by(visit, version=carried))
    assert seen.status == 410
    assert "This link no longer works" in seen.words
    assert [each["href"] for each in seen.html.select("a.button")] == ["/link"]
    assert [type(query) for query, _ in visit.gateway.queries] == [GetPreferences]


@every_case("form", FORMS_BY_LINK.values(), ids=FORMS_BY_LINK)
async def test_a_form_behind_a_link_that_has_ended_does_nothing(form: Form) -> None:
    visit = a_visit_of(0)
    seen = await opened(visit, form)
    visit.gateway.link_version = 1
    done = await visit.press(seen, form.button, **form.entered)
    assert (done.status, visit.gateway.sent) == (410, [])
    for text in (form.entered.get("message"), form.entered.get("reason")):
        assert text is None or " ".join(text.split()) in done.words


@every_case(("known", "carried"), [(2, 1), (0, 1)], ids=lambda version: str(version))
async def test_neither_an_earlier_version_nor_one_that_was_not_made_yet_opens_a_page(known: int, carried: int) -> None:
    visit = a_visit_of(known)
    assert (await visit.get(PREFERENCES.opened_by(visit, version=carried))).status == 410


async def test_one_click_of_a_link_that_has_ended_does_nothing() -> None:
    visit = a_visit_of(1)
    done = await visit.post(EVERY_PAGE["stop"].opened_by(visit), dict([ONE_CLICK]))
    assert (done.status, visit.gateway.sent) == (410, [])


async def test_the_button_ends_all_links_of_its_person() -> None:
    visit = a_visit_of(0)
    done = await visit.press(await visit.get(PREFERENCES.opened_by(visit)), "End all my links")
    assert done.status == 200
    assert "have ended, this one too" in done.words
    [sent] = visit.gateway.sent
    assert (sent.command, sent.actor) == (EndLinks(person_id=ADA), ADA)
    assert sent.command.model_fields_set == {"person_id"}  # the previous release knows no other field


async def test_a_refused_end_is_explained_beside_the_preferences() -> None:
    visit = a_visit_of(0)
    visit.gateway.outcomes[EndLinks] = Refusal(code="not-allowed", detail="not yours")
    done = await visit.press(await visit.get(PREFERENCES.opened_by(visit)), "End all my links")
    assert done.status == 409
    assert {"Save", "End all my links"} <= set(done.buttons)


async def test_the_button_is_pressed_again_if_there_was_no_answer() -> None:
    visit = a_visit_of(0)
    seen = await visit.get(PREFERENCES.opened_by(visit))
    visit.gateway.is_away = True
    away = await visit.press(seen, "End all my links")
    assert away.status == 503
    visit.gateway.is_away = False
    assert (await send_again(visit, away, "Send it again")).status == 200
    assert [each.command for each in visit.gateway.sent] == [EndLinks(person_id=ADA)]


async def test_notifications_of_the_previous_release_ends_no_links() -> None:
    visit = a_visit_of(0)
    visit.gateway.link_version = None
    assert (await visit.get(PREFERENCES.opened_by(visit, version=1))).status == 200


@every_case("code", ["failed", "not-allowed"])
async def test_without_an_answer_no_link_opens_its_page(code: str) -> None:
    visit = a_visit_of(0)
    visit.gateway.link_version = Refusal(code=code, detail="")
    assert (await visit.get(PREFERENCES.opened_by(visit))).status == 503
