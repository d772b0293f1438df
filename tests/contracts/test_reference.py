"""The reference page describes every message completely, and loads nothing from elsewhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from deploy.reference.__main__ import page
from deploy.reference.fields import Field, fields_of
from deploy.reference.messages import DescribedMessage, described
from tests.support.every_case import every_case
from tests.support.html import Element, parse

OPEN = ("state", "result", "answers", "by_role")
"""Objects whose content the message does not define, or whose names are chosen by people."""


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@cache
def messages() -> Sequence[DescribedMessage]:
    return list(described())


@cache
def the_page() -> Element:
    """Return the page, to be looked at only."""
    return parse(page(messages()))


@cache
def sections() -> Mapping[str, Element]:
    return {str(each["aria-labelledby"]): each for each in the_page().select("section")}


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every field in an example, as the page writes it."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{path}[]")
    elif isinstance(value, dict):
        for name, inside in value.items():
            if _ID.fullmatch(name):
                continue  # objects by their id, such as sessions
            where = f"{path}.{name}" if path else name
            yield where
            if name not in OPEN:
                yield from paths(inside, where)


EVERY = every_case("message", messages, ids=lambda message: message.key)


def a_field(**stated: Any) -> Field:
    [found] = fields_of({"properties": {"seats": stated}, "required": ["seats"]})
    return found


@EVERY
def test_every_field_of_an_example_is_on_the_page(message: DescribedMessage) -> None:
    described = {field.path for field in message.fields}
    assert message.examples
    for example in message.examples.values():
        assert set(paths(json.loads(example)["data"])) <= described


@EVERY
def test_a_message_is_on_the_page_with_its_purpose_and_where_it_goes(message: DescribedMessage) -> None:
    section = sections()[message.key].words
    assert " ".join(message.summary.split()) in section
    assert message.exchange in section


def test_every_link_has_exactly_one_target_on_the_page() -> None:
    places = Counter(each["id"] for each in the_page().select("[id]"))
    assert max(places.values()) == 1
    assert {str(link["href"]).removeprefix("#") for link in the_page().select("a")} <= set(places)


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    assert not the_page().select("script, link, img, iframe, object, form")
    assert not the_page().select("[src]")
    style = "".join(each.get_text() for each in the_page().select("style"))
    assert style
    assert not any(each in style for each in ("url(", "@import"))


def test_the_page_has_one_main_part_one_title_and_named_tables() -> None:
    assert len(the_page().select("main")) == len(the_page().select("h1")) == 1
    assert all(table.select("caption") and table.select("th[scope=col]") for table in the_page().select("table"))


def test_limits_are_stated_in_words() -> None:
    stated = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "null"}], "default": 3}
    field = a_field(**stated)
    assert (field.kind, field.limits) == ("integer or null", "at least 1; at most 9; 3 if it is not given")


def test_lists_are_described_with_their_items() -> None:
    field = a_field(type="array", items={"type": "string", "maxLength": 8}, maxItems=2)
    assert (field.kind, field.limits) == ("list of text", "2 or fewer entries; length 8 or less")


def test_a_recursive_part_is_described_once() -> None:
    part = {"title": "Part", "type": "object", "properties": {"part": {"$ref": "#/$defs/Part"}}}
    found = fields_of({"properties": {"whole": {"$ref": "#/$defs/Part"}}, "$defs": {"Part": part}})
    assert [field.path for field in found] == ["whole", "whole.part"]
