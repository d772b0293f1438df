"""What no form is made for, sent to every form: texts of every script, forged and foreign forms."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from tests.support.every_case import every_case
from tests.support.html import as_read
from tests.support.thorough import in_turn, part, some
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.every_page import EVERY_FORM, EVERY_PAGE, Form, Page, a_full_visit, filled_in, name_of, opened
from tests.unit.pages.hosts import CLEO, a_roster, an_entry
from tests.unit.pages.sites import KEYS, Seen, Visit

from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster
from practio_pages.forms import Forms
from practio_pages.guard import MAX_BODY_BYTES
from practio_pages.pages.roster_parts import PAGE as A_PAGE

SCRIPTS = " ".join(
    (
        "שלום, مرحبا بالعالم",
        "日本語のテキスト ภาษาไทย हिन्दी",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
        "👩🏽\u200d🚀👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈",
        "cba \u202e\u2066fed\u2069 \u200b\u200d",
        '<b class="injected">x</b>"\'><script>1</script>&amp',
        "{{ 7 * 7 }} {% raw %} %(name)s {0} ${x}",
    )
)
CONTROLS = "a\x00b\x07c\x1b[31m"
LONG = "x" * 30_000
BYTES_OF_A_CHARACTER = 9
"""A Chinese character in a form: three bytes, each sent as ``%E4``; those beyond count as two towards ``maxlength``."""

NEVER_KEPT = {"leave-empty"}
"""The field that only programs fill in."""


def text_fields(seen: Seen, form: Form) -> list[str]:
    """Return the names of the fields of a form in which a person writes freely."""
    fields = seen.form(form.button).select("textarea[name], input[name]:not([type])")
    return [str(each["name"]) for each in fields]


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a command."""
    match value:
        case str():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from texts_in(getattr(value, name))
        case dict():
            for each in value.values():
                yield from texts_in(each)
        case list() | tuple():
            for each in value:
                yield from texts_in(each)


def is_kept(text: str, seen: Seen, visit: Visit) -> bool:
    """Return whether a text has been sent in a command, or is on the page again."""
    sent = [found for each in visit.gateway.sent for found in texts_in(each.command)]
    fields = [str(each["value"]) for each in seen.html.select("input[value]")]
    shown = [*fields, *(each.get_text() for each in seen.html.select("textarea, .typed, dt"))]
    return any(as_read(text.strip()) in as_read(found) for found in (*sent, *shown))


@every_case("form", part(EVERY_FORM.values(), of=3), ids=name_of)
async def test_texts_of_every_script_are_sent_or_come_back(form: Form) -> None:
    """Thoroughly, each field is filled in alone: a field that is refused keeps the others from being sent."""
    visit = a_full_visit()
    seen = await opened(visit, form)
    fields = text_fields(seen, form)
    for names in some([fields, *([name] for name in fields)], few=1):
        visit.gateway.sent.clear()
        entered = {name: f"{number} {SCRIPTS}" for number, name in enumerate(names)}
        done = await visit.press(seen, form.button, **{**form.entered, **entered})
        assert done.status in (200, 303, 409, 422), (names, done.words[:500])
        for name, text in entered.items():
            assert is_kept(text, done, visit) or name in NEVER_KEPT, name
        assert (done.html.select(".injected, script"), "49" in done.words) == ([], False)


@every_case(("form", "text"), part(in_turn(EVERY_FORM.values(), [CONTROLS, LONG]), of=3, at=1), ids=name_of)
async def test_what_cannot_be_sent_comes_back(form: Form, text: str) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    entered = {name: name + text for name in text_fields(seen, form)}
    done = await visit.press(seen, form.button, **{**form.entered, **entered})
    assert done.status in (200, 303, 409, 422), done.words[:500]
    for name, each in entered.items():
        assert is_kept(each, done, visit) or name in NEVER_KEPT, name


@cache
def a_whole_page() -> Any:
    """Return what answers with as many people as a page shows, made once."""
    return a_roster([an_entry(uuid4()) for _ in range(A_PAGE)])


@every_case("page", EVERY_PAGE.values(), ids=EVERY_PAGE)
async def test_no_form_is_larger_than_a_request_may_be_in_any_script(page: Page) -> None:
    visit = a_full_visit()
    visit.gateway.answers[GetRoster] = a_whole_page()
    shown = await visit.get(page.opened_by(visit))
    for form in re.findall(r"<form\b.*?</form>", shown.answer.text, re.DOTALL):
        longest = sum(map(int, re.findall(r'\bmaxlength="(\d+)"', form)))
        assert longest * BYTES_OF_A_CHARACTER < MAX_BODY_BYTES


def signed_for(signed: str, *, person_id: UUID | None = None, room_id: UUID | None = None) -> str:
    """Return the hidden field of a form as it is signed for another person, or for another room of the same person."""
    person, command, room, _ = Forms(KEYS)._signer.loads(signed)
    return Forms(KEYS).sign(
        command, person_id=person_id or UUID(person), room_id=room_id or (UUID(room) if room else None)
    )


@every_case(
    ("form", "other"),
    part(in_turn(EVERY_FORM.values(), [{"person_id": CLEO}, {"room_id": uuid4()}]), of=3, at=2),
    ids=name_of,
)
async def test_a_form_of_another_person_or_room_does_nothing(form: Form, other: dict[str, UUID]) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    signed = str(filled_in(seen.form(form.button))["form"])
    answer = await visit.press(seen, form.button, **form.entered, form=signed_for(signed, **other))
    assert (answer.status, visit.gateway.sent) == (400, [])
    assert (await visit.press(seen, form.button, **form.entered, form=signed_for(signed))).status != 400


DAMAGES: Mapping[str, Callable[[str], str]] = {
    "forged": lambda _: "forged",
    "cut off": lambda signed: signed[:-2],
    "in other letters": str.swapcase,
}


@every_case(("form", "damage"), in_turn(EVERY_FORM.values(), list(DAMAGES)), ids=name_of)
async def test_a_forged_or_damaged_form_does_nothing(form: Form, damage: str) -> None:
    visit = a_full_visit()
    seen = await opened(visit, form)
    signed = str(filled_in(seen.form(form.button))["form"])
    for bad in ("", DAMAGES[damage](signed)):
        answer = await visit.press(seen, form.button, **{**form.entered, "form": bad})
        assert (answer.status, visit.gateway.sent) == (400, [])


PAGES_BY_LINK = [each for each in EVERY_PAGE.values() if each.purpose]


@every_case(("number", "page"), enumerate(PAGES_BY_LINK), ids=repr)
async def test_a_link_for_another_purpose_opens_no_page(number: int, page: Page) -> None:
    """Thoroughly, a link for each other purpose; otherwise for three, which are others for each page."""
    visit = a_full_visit()
    others = sorted(set(Purpose) - {page.purpose})
    first = 3 * number % len(others)
    for purpose in some([*others[first:], *others[:first]], few=3):
        token = visit.site.links.token(Link(purpose, ADA, ROOM, "activity"))
        assert (await visit.get(f"/{page.purpose}/{token}{page.path}")).status == 404
    assert visit.gateway.queries == []
