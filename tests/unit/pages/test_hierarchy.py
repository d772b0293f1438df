"""What a reader's eye finds first: one primary action a page, what waits for them, and where they are."""

from tests.support.every_case import every_case
from tests.support.thorough import part
from tests.unit.pages.every_page import (
    EVERY_FORM,
    EVERY_PAGE,
    Form,
    Page,
    a_full_visit,
    left_empty,
    looked_at,
    name_of,
    opened,
)
from tests.unit.pages.hosts import BEN, CLEO, a_host, an_entry, looked
from tests.unit.pages.sites import Seen

QUIET = {"quiet", "skip"}
"""The classes of buttons that do not ask to be pressed."""


def words_of(seen: Seen, selector: str) -> list[str]:
    return [" ".join(each.get_text().split()) for each in seen.html.select(selector)]


def primary(seen: Seen) -> list[str]:
    """Return the buttons, and the links that look like buttons, which ask to be pressed."""
    found = [each for each in seen.html.select("button, a.button") if not QUIET.intersection(each.classes)]
    return [" ".join(each.get_text().split()) for each in found]


@every_case("page", EVERY_PAGE.values(), ids=EVERY_PAGE)
async def test_a_page_has_one_primary_action_at_most(page: Page) -> None:
    assert len(primary(await looked_at(page))) <= 1


@every_case("name", ["remove-person", "withdraw-note", "dismiss", "leave-everything"])
async def test_a_button_that_ends_something_looks_grave(name: str) -> None:
    seen = await looked_at(EVERY_PAGE[name])
    assert [each.get_text() for each in seen.html.select("button.grave")] == primary(seen)
    harmless = await looked_at(EVERY_PAGE["close-room"])
    assert (harmless.html.select("button.grave"), len(primary(harmless))) == ([], 1)


async def test_the_title_of_a_step_names_the_person_whom_it_concerns() -> None:
    seen = await looked_at(EVERY_PAGE["dismiss"])
    assert words_of(seen, "h1") == ["Dismiss from an office: Ben Okri"]


@every_case("form", part(EVERY_FORM.values(), of=3), ids=name_of)
async def test_each_fault_leads_to_its_field(form: Form) -> None:
    seen = await left_empty(form)
    links = {str(each["href"])[1:] for each in seen.html.select('.refused a[href^="#"]')}
    fields = {each["id"] for each in seen.html.select("[id]")} if links else set()
    assert links <= fields


@every_case("form", EVERY_FORM.values(), ids=name_of)
async def test_each_fault_is_read_with_its_field(form: Form) -> None:
    """A screen reader reads a fault when its reader comes to the field or the group that refers to it."""
    visit = a_full_visit()
    seen = await opened(visit, form)
    choices = {str(each["name"]) for each in seen.form(form.button).select("input[type=radio], button[name]")}
    ill_chosen = await visit.press(seen, form.button, **{**form.entered, **dict.fromkeys(choices, "\x00")})
    for done in (await left_empty(form), ill_chosen):
        tied = {
            name for each in done.html.select("[aria-describedby]") for name in str(each["aria-describedby"]).split()
        }
        assert [str(each) for each in done.html.select("form .fault") if each.get("id") not in tied] == []


async def test_several_requests_are_decided_together_by_the_primary_action() -> None:
    assert primary(await looked(a_host(an_entry(BEN), an_entry(CLEO)))) == ["Submit decisions"]
    assert primary(await looked(a_host(an_entry(BEN)))) == ["Approve now"]


async def test_requests_that_wait_come_before_everything_else() -> None:
    seen = await looked(a_host(an_entry(BEN)))
    assert next(each["aria-labelledby"] for each in seen.html.select("section")) == "requests"
    assert primary(await looked_at(EVERY_PAGE["desk-people"])) == ["Review requests to join"]


@every_case(
    ("name", "words", "kind"),
    [
        ("desk", "Overview", "page"),
        ("desk-people", "People", "page"),
        ("desk-person", "People", "true"),
        ("move-session", "Sessions", "true"),
        ("desk-note", "Notes", "true"),
        ("memory", "Notes", "page"),
        ("thanks", "Thanks", "page"),
        ("rooms", "Your rooms", "page"),
        ("search", "Find a room", "page"),
        ("home", "Find a room", "page"),
        ("link", "Get a link", "page"),
    ],
)
async def test_the_navigation_marks_where_the_reader_is(name: str, words: str, kind: str) -> None:
    visit = a_full_visit()
    path = EVERY_PAGE[name].opened_by(visit)
    seen = await visit.get(f"{path}{'&' if '?' in path else '?'}lang=de")
    [marked] = seen.html.select("header [aria-current]")
    assert marked["aria-current"] == kind
    assert words_of(await visit.get(path), "header [aria-current]") == [words]
