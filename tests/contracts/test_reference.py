"""The page of all messages tells each of them, whole, and asks for nothing from elsewhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from deploy.reference.__main__ import page
from deploy.reference.fields import Field, fields_of
from deploy.reference.messages import Described, described
from tests.support.folding import every_case

MESSAGES = {each.key: each for each in described()}
PAGE = BeautifulSoup(page(list(MESSAGES.values())), "html.parser")
SECTIONS = {str(each["aria-labelledby"]): each for each in PAGE.find_all("section")}
OPEN = ("state", "result", "answers", "by_role")
"""Objects whose inside is not the message's to state, or whose names are people's own."""


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Give the path of every field in an example, as the page writes it."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{path}[]")
    elif isinstance(value, dict):
        for name, inside in value.items():
            if _ID.fullmatch(name):
                continue  # what is told by an id, such as sessions
            where = f"{path}.{name}" if path else name
            yield where
            if name not in OPEN:
                yield from paths(inside, where)


def a_field(**stated: Any) -> Field:
    [found] = fields_of({"properties": {"seats": stated}, "required": ["seats"]})
    return found


@every_case("message", MESSAGES.values(), ids=MESSAGES)
def test_every_field_of_an_example_is_told(message: Described) -> None:
    told = {field.path for field in message.fields}
    assert message.examples
    for example in message.examples.values():
        assert set(paths(json.loads(example)["data"])) <= told


@every_case("message", MESSAGES.values(), ids=MESSAGES)
def test_a_message_is_on_the_page_with_its_purpose_and_where_it_goes(message: Described) -> None:
    section = " ".join(SECTIONS[message.key].get_text(" ").split())
    assert " ".join(message.summary.split()) in section
    assert message.exchange in section


def test_every_link_leads_to_a_place_on_the_page_and_every_place_is_one() -> None:
    places = Counter(each["id"] for each in PAGE.find_all(id=True))
    assert max(places.values()) == 1
    assert {str(link["href"]).removeprefix("#") for link in PAGE.find_all("a")} <= set(places)


def test_the_page_asks_for_nothing_from_elsewhere_and_runs_nothing() -> None:
    assert not PAGE.find_all(["script", "link", "img", "iframe", "object", "form"])
    assert not PAGE.find_all(src=True)
    style = PAGE.style.get_text() if PAGE.style else ""
    assert style
    assert not any(each in style for each in ("url(", "@import"))


def test_the_page_has_one_main_part_one_title_and_named_tables() -> None:
    assert len(PAGE.find_all("main")) == len(PAGE.find_all("h1")) == 1
    assert all(table.caption and table.find("th", scope="col") for table in PAGE.find_all("table"))


def test_limits_are_told_in_words() -> None:
    stated = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "null"}], "default": 3}
    field = a_field(**stated)
    assert (field.kind, field.limits) == ("integer or null", "at least 1; at most 9; 3 where it is not given")


def test_lists_are_told_with_what_is_in_them() -> None:
    field = a_field(type="array", items={"type": "string", "maxLength": 8}, maxItems=2)
    assert (field.kind, field.limits) == ("list of text", "2 or fewer entries; length 8 or less")


def test_a_part_that_holds_itself_is_told_once() -> None:
    part = {"title": "Part", "type": "object", "properties": {"part": {"$ref": "#/$defs/Part"}}}
    found = fields_of({"properties": {"whole": {"$ref": "#/$defs/Part"}}, "$defs": {"Part": part}})
    assert [field.path for field in found] == ["whole", "whole.part"]
