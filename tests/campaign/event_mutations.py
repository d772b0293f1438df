"""What is changed in the JSON of a fuzzed message: values, texts, fields."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from tests.campaign.frozen_examples import FUZZED, examples
from tests.campaign.junk import JUNK, SPECIAL_TEXTS

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import MOST_BYTES
from practio_contracts.message import Message

Place = tuple[str | int, ...]
"""Names and numbers that lead to a value inside JSON."""


def _value_replaced(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    _put(event, _some_place(event, chance), chance.choice(JUNK))
    return event


def _text_replaced(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Put a special text where text is, in the data if it has any."""
    texts = [each for each in _places(event.get("data"), ("data",)) if isinstance(_at(event, each), str)]
    text = "".join(chance.choice(SPECIAL_TEXTS) for _ in range(chance.choice((1, 1, 1, 2))))
    _put(event, chance.choice(texts) if texts else ("data",), text)
    return event


def _text_added(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Set a text field that this message may have, whether the example has it or not."""
    message = CATALOGUE.get(str(event.get("type")).removeprefix("practio."))
    if message is not None and isinstance(event.get("data"), dict) and (names := text_fields(message)):
        event["data"][chance.choice(names)] = chance.choice(SPECIAL_TEXTS)
    return event


@cache
def text_fields(message: type[Message]) -> Sequence[str]:
    """Return the names of the fields that are text, or may be."""
    fields = message.model_fields.items()
    return [field.alias or name for name, field in fields if re.search(r"\bstr\b", str(field.annotation))]


def _removed(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    *above, last = _some_place(event, chance)
    inside = _at(event, above)
    del inside[last]
    return event


def _key_added(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    inside = event if chance.random() < 0.5 or not isinstance(event.get("data"), dict) else event["data"]
    inside[chance.choice((*SPECIAL_TEXTS, "colour", "after", "expected_version"))] = chance.choice(JUNK)
    return event


def _spliced(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Take the data, or a part of the envelope, from another example."""
    other = chance.choice(examples()[chance.choice(FUZZED)])
    name = chance.choice(("data", "data", "type", "source", "time", "actor", "subject", "sequence"))
    return event | {name: copy.deepcopy(other.get(name))}


def _repeated(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Make a list, or a text, many times as long, up to what may be sent."""
    place = _some_place(event, chance)
    value = _at(event, place)
    if isinstance(value, (list, str)):
        _put(event, place, value * min(chance.choice((2, 50, 1_000)), 1 + MOST_BYTES // len(json.dumps(value))))
    return event


def _nested(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    place = _some_place(event, chance)
    value = _at(event, place)
    for _ in range(chance.choice((1, 10, 60))):
        value = chance.choice(([value], {"a": value}))
    _put(event, place, value)
    return event


Mutation = Callable[[dict[str, Any], random.Random], dict[str, Any]]
TEXT_MUTATIONS: Sequence[Mutation] = (_text_replaced, _text_added)
MUTATIONS: Sequence[Mutation] = (
    *(_text_replaced,) * 6,
    *(_text_added,) * 4,
    *(_value_replaced,) * 5,
    *(_removed,) * 2,
    *(_spliced,) * 2,
    _key_added,
    _repeated,
    _nested,
)


def _places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Yield the place of every value below this one."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield (*above, name)
        yield from _places(each, (*above, name))


def _some_place(event: dict[str, Any], chance: random.Random) -> Place:
    return chance.choice(list(_places(event))) if event else ("data",)


def _at(event: Any, place: Sequence[str | int]) -> Any:
    for name in place:
        event = event[name]
    return event


def _put(event: dict[str, Any], place: Place, value: Any) -> None:
    _at(event, place[:-1])[place[-1]] = copy.deepcopy(value)
