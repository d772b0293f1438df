"""The title of a page says first what came of a form: a screen reader begins with it."""

from tests.support.every_case import every_case
from tests.unit.pages.every_page import (
    CODE,
    COMMANDS,
    EVERY_FORM,
    STOPPING,
    Form,
    a_full_visit,
    left_empty,
    name_of,
    opened,
    pressed,
)
from tests.unit.pages.sites import Seen

from practio_contracts.answers import Refusal
from practio_contracts.notifications import Introduce, SendLink
from practio_contracts.people import PersonRegistered
from practio_contracts.rooms import Verification, VerifyCertificate

OUTCOMES = {
    "Check your email",
    "The draft is deleted",
    "The draft is discarded",
    "The room is published",
    "These emails have stopped",
    "Votre inscription est faite",
    "Your links have ended",
}
"""Headings that are outcomes themselves."""

NEVER_REFUSED = {SendLink, PersonRegistered}
"""What is published without an answer."""


def heading(seen: Seen) -> str:
    [found] = seen.html.select("h1")
    return " ".join(found.get_text().split())


def outcome(seen: Seen) -> str:
    """Return what the title says before the heading of the page."""
    [title] = seen.html.select("title")
    return " ".join(title.get_text().split()).removesuffix(f"{heading(seen)} · Practio")


@every_case("form", [*EVERY_FORM.values(), STOPPING], ids=name_of)
async def test_the_title_after_a_form_says_its_outcome_first(form: Form) -> None:
    _, done = await pressed(form)
    assert outcome(done) or heading(done) in OUTCOMES, heading(done)


@every_case("form", [*EVERY_FORM.values(), STOPPING], ids=name_of)
async def test_the_title_after_a_refusal_says_so_first(form: Form) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    refusal = Refusal(code="failed", detail="x")
    visit.gateway.outcomes |= dict.fromkeys((*COMMANDS, Introduce), refusal)
    done = await visit.press(seen, form.button, **form.entered)
    if not {type(each.command) for each in visit.gateway.sent} <= NEVER_REFUSED:
        assert (done.status, bool(outcome(done))) == (409, True), heading(done)


@every_case("form", EVERY_FORM.values(), ids=name_of)
async def test_the_title_after_a_fault_says_so_first(form: Form) -> None:
    done = await left_empty(form)
    assert done.status != 422 or outcome(done), heading(done)


@every_case(("valid", "words"), [(True, "Valid · "), (False, "Not valid · ")])
async def test_the_title_of_a_certificate_says_whether_it_is_valid(valid: bool, words: str) -> None:
    visit = a_full_visit()
    if not valid:
        visit.gateway.answers[VerifyCertificate] = Verification(valid=False)
    assert outcome(await visit.get(f"/verify/{CODE}")) == words
