"""Links of an erased person: every page answers that they are gone, whether it is opened or a button is pressed."""

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.sites import a_visit

from practio_chassis.erasures import PERSON_ERASED
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetHistory, GetMembership, GetRoster, ListMemberships
from practio_contracts.notifications import GetPreferences
from practio_contracts.rooms import GetRoom
from practio_pages.pages.preferences_form import Category
from practio_pages.pages.unsubscribe_page import ONE_CLICK

QUERIES = (GetRoom, GetMembership, GetHistory, GetRoster, ListMemberships, GetPreferences)


PATHS = {Purpose.ME: "/data"}
"""The rest of the path of a page that has no other."""


@every_case("purpose", sorted(set(Purpose) - {Purpose.STOP, Purpose.CALENDAR}))
async def test_a_link_of_an_erased_person_is_gone(purpose: Purpose) -> None:
    visit = a_visit()
    visit.gateway.answers |= dict.fromkeys(QUERIES, PERSON_ERASED)
    seen = await visit.get(visit.path(Link(purpose, ADA, ROOM, locale="en", time_zone="UTC")) + PATHS.get(purpose, ""))
    assert seen.status == 410
    assert "has been erased" in seen.words


async def test_one_click_of_an_erased_person_is_gone() -> None:
    visit = a_visit()
    visit.gateway.answers[GetPreferences] = PERSON_ERASED
    link = Link(Purpose.STOP, ADA, ROOM, category=next(iter(Category)), locale="en", time_zone="UTC")
    seen = await visit.post(visit.path(link), dict([ONE_CLICK]))
    assert seen.status == 410
