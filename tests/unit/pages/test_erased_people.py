"""Links of an erased person: every page answers that they are gone, whether it is opened or a button is pressed.

What somebody does about another person who was erased is refused to them, in words, on the page that they see.
"""

from tests.support.every_case import every_case
from tests.support.thorough import part
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.every_page import EVERY_FORM, Form, a_full_visit
from tests.unit.pages.sites import Seen, Visit, a_visit

from practio_chassis.people.erasures import PERSON_ERASED, person_of
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetHistory, GetMembership, GetRoster, ListMemberships
from practio_contracts.notifications import GetPreferences
from practio_contracts.rooms import GetRoom
from practio_pages.pages.preferences_form import OptionalCategory
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
    link = Link(Purpose.STOP, ADA, ROOM, category=next(iter(OptionalCategory)), locale="en", time_zone="UTC")
    seen = await visit.post(visit.path(link), dict([ONE_CLICK]))
    assert seen.status == 410


async def pressed(form: Form) -> tuple[Visit, Seen]:
    """Return the visit and the page after a form was sent, if every command is refused, since a person is erased."""
    visit = a_full_visit()
    form.shown(visit)
    seen = await visit.get(form.page.opened_by(visit))
    visit.gateway.outcomes = dict.fromkeys(visit.gateway.outcomes, PERSON_ERASED)
    return visit, await visit.press(seen, form.button, **form.entered)


def is_about_another(visit: Visit) -> bool:
    """Return whether what a visit sent last is about somebody else."""
    sent = visit.gateway.sent[-1:]
    return any(person_of(each.command) not in (None, each.actor) for each in sent)


async def test_what_is_done_about_another_person_who_was_erased_is_refused_and_no_link_is_gone() -> None:
    about_others = {}
    for name, form in part(EVERY_FORM.items(), of=3, at=1):
        visit, seen = await pressed(form)
        if is_about_another(visit):
            about_others[name] = seen
    assert len(about_others) > 3
    for name, seen in about_others.items():
        assert (seen.status, "has been erased" in seen.words) == (409, False), name


@every_case(
    ("name", "words"),
    [
        ("thank somebody", "This person is no longer in the room, so nothing was sent."),
        ("report a concern", "This person is not in the room any more, so nothing was sent. Choose nobody"),
        ("remove a person", "This person is no longer known here, so nothing was changed."),
    ],
)
async def test_it_is_said_in_the_words_of_the_page(name: str, words: str) -> None:
    _, seen = await pressed(EVERY_FORM[name])
    assert words in seen.words
