"""Nothing that was entered is lost: where no form can come back, each field that people see is shown with its label."""

from collections.abc import Sequence
from datetime import timedelta

from tests.support.every_case import every_case
from tests.unit.pages.builders import a_room
from tests.unit.pages.every_page import EVERY_FORM, Form, a_full_visit, filled_in, opened, with_parts
from tests.unit.pages.fields import FilledField, shown_again, visible_fields
from tests.unit.pages.hosts import CLEO, NO_OFFICE
from tests.unit.pages.sites import KEYS, Seen
from tests.unit.pages.sites import PAGES as PAGES_URL

from practio_contracts.links import LIFETIMES, Links, Purpose
from practio_contracts.membership import GetRoster
from practio_contracts.rooms import GetRoom, RoomResult

EXPIRED = Links(PAGES_URL, KEYS, dict.fromkeys(LIFETIMES, timedelta(seconds=-1)))
WITH_A_LINK = {name: form for name, form in EVERY_FORM.items() if form.page.purpose}
OF_OFFICES = {name: form for name, form in WITH_A_LINK.items() if form.page.purpose in (Purpose.DESK, Purpose.QUEUE)}


def unlike(fields: Sequence[FilledField], shown: Sequence[tuple[str, str]]) -> list[tuple[FilledField | None, object]]:
    """Return the fields and what a page shows that do not belong together, in their order."""
    pairs = zip([*fields, *[None] * len(shown)], [*shown, *[("", "")] * len(fields)], strict=True)
    found = [(field, row) for field, row in pairs if field or row != ("", "")]
    return [(field, row) for field, row in found if field is None or not field.is_shown_as(*row)]


@every_case("form", WITH_A_LINK.values(), ids=WITH_A_LINK)
async def test_behind_an_expired_link_every_field_that_people_see_is_shown_and_no_other(form: Form) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    fields = visible_fields(seen.form(form.button), form.entered)
    with_parts(visit, links=EXPIRED)
    late = await visit.press(seen, form.button, **{each.name: each.value for each in fields})
    assert (late.status, unlike(fields, shown_again(late))) == (410, [])


def is_in_a_form(field: FilledField, seen: Seen) -> bool:
    """Return whether a form on a page has what was entered in a field."""
    forms = [filled_in(each) for each in seen.html.select("form[method=post]")]
    return any(each.get(field.name) == field.value for each in forms)


@every_case("form", OF_OFFICES.values(), ids=OF_OFFICES)
async def test_after_an_office_was_lost_every_field_is_in_the_form_again_or_shown(form: Form) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    fields = visible_fields(seen.form(form.button), form.entered)
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=CLEO))
    visit.gateway.answers[GetRoster] = NO_OFFICE
    visit.gateway.outcomes = dict.fromkeys(visit.gateway.outcomes, NO_OFFICE)
    done = await visit.press(seen, form.button, **{each.name: each.value for each in fields})
    rows = shown_again(done)
    lost = [each for each in fields if not (is_in_a_form(each, done) or any(each.is_shown_as(*row) for row in rows))]
    assert (done.status in (403, 409), lost) == (True, [])


async def test_the_button_that_decides_on_one_person_is_shown_as_the_decision_on_them() -> None:
    visit, form = a_full_visit(), EVERY_FORM["decide"]
    seen = await opened(visit, form)
    with_parts(visit, links=EXPIRED)
    late = await visit.press(seen, form.button, one=f"decline-{CLEO}")
    assert shown_again(late) == [("Your decision on Somebody (C1E0)", "Decline")]
