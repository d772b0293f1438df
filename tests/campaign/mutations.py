"""Fuzzed messages: each follows from the seed, its index and the ids of what there is, and from nothing else."""

import copy
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.campaign.junk import JUNK, ODD_HEADERS, SPECIAL_TEXTS
from tests.support.clients.raw_properties import BEYOND_THE_CALENDAR, NO_UTF_8, UNREADABLE_TABLES, short, table

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, QUERIES, exchange_of
from practio_contracts.envelope import MOST_BYTES
from practio_contracts.message import Message

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
FUZZED = (COMMANDS, QUERIES, DIRECTORY)
DIRECT_REPLY = "amq.rabbitmq.reply-to"
TEXTS_ONLY = 0.5
"""The share of queries that are whole but for a text, so that they get as far as the tables."""

ACCOUNT = "fuzz"
"""The outside account that publishes: RabbitMQ takes no message in another name."""

CLOUD_EVENT = "application/cloudevents+json"

Place = tuple[str | int, ...]
"""Names and numbers that lead to a value inside JSON."""


@dataclass(frozen=True)
class Known:
    """Ids of rooms with their hosts, and of people, so that some fuzzed messages get as far as the tables."""

    hosts: Mapping[str, str]
    people: Sequence[str]


@dataclass(frozen=True)
class Fuzzed:
    """One message; ``raw`` are properties written as bytes, ``risky`` whether the broker itself may refuse it.

    ``accountable`` messages ask for an answer that is like no other: each must get one or be dead-lettered.
    ``token`` is the id, and the correlation id of those.
    """

    index: int
    token: str
    exchange: str
    routing_key: str
    body: bytes
    properties: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, bytes] = field(default_factory=dict)
    accountable: bool = True
    risky: bool = False


@cache
def examples() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the frozen examples of what an outside account may publish, by exchange."""
    found: dict[str, list[Mapping[str, Any]]] = {exchange: [] for exchange in FUZZED}
    for path in sorted(EXAMPLES.glob("*.json")):
        event = json.loads(path.read_text(encoding="utf-8"))
        message = CATALOGUE.get(event["type"].removeprefix("practio."))
        exchange = exchange_of(message) if message else ""
        if exchange in found:
            found[exchange].append(event)
    return found


def fuzzed(seed: int, index: int, known: Known) -> Fuzzed:
    """Return the message of this index."""
    chance = random.Random(f"{seed}:{index}")
    token = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    exchange = chance.choices(FUZZED, weights=(6, 5, 2))[0]
    event = copy.deepcopy(dict(chance.choice(examples()[exchange]))) | {"id": token}
    _acquaint(event, known, chance)
    key = event["type"].removeprefix("practio.")
    texts_only = exchange == QUERIES and chance.random() < TEXTS_ONLY
    for _ in range(1 if texts_only else chance.choice((0, 1, 1, 1, 2, 4))):
        mutations = _TEXT_MUTATIONS if texts_only else _MUTATIONS
        event = chance.choice(mutations)(event, chance)
        if len(json.dumps(event)) > MOST_BYTES:
            break
    body = json.dumps(event, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.15:
        body = chance.choice(_BODY_MUTATIONS)(body, chance)
    if chance.random() < 0.03:
        key = chance.choice(
            (f"{key.split('.')[0]}.{chance.choice(('fly.v1', 'v1', 'x' * 200, 'a.b.c.d', 'v1.v1'))}", key[:-1] + "2")
        )
    too_big = len(body) > MAX_MESSAGE_BYTES
    message = Fuzzed(
        index,
        token,
        exchange,
        key,
        body,
        _usual(token),
        accountable=exchange != DIRECTORY and not too_big,
        risky=too_big,
    )
    return _with_odd_properties(message, chance) if chance.random() < 0.25 else message


def _usual(token: str) -> dict[str, Any]:
    return {
        "content_type": CLOUD_EVENT,
        "delivery_mode": 2,
        "user_id": ACCOUNT,
        "message_id": token,
        "correlation_id": token,
        "reply_to": DIRECT_REPLY,
    }


def _acquaint(event: dict[str, Any], known: Known, chance: random.Random) -> None:
    """Put ids of rooms and people that there are into the fields for them, often of the person who asks or the host."""
    data, person, room = event["data"], chance.choice(known.people), chance.choice(list(known.hosts))
    if "actor" in event:
        event["actor"] = chance.choices(("system", known.hosts[room], person), weights=(3, 7, 10))[0]
    if "room_id" in data and chance.random() < 0.8:
        data["room_id"] = room
    if "person_id" in data and chance.random() < 0.8:
        data["person_id"] = person if chance.random() < 0.6 else chance.choice(known.people)


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

_TEXT_MUTATIONS: Sequence[Mutation] = (_text_replaced, _text_added)
_MUTATIONS: Sequence[Mutation] = (
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


def _bytes_flipped(body: bytes, chance: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(chance.choice((1, 1, 3, 20))):
        if found:
            found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _cut_off(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _wrapped(body: bytes, chance: random.Random) -> bytes:
    before, after = chance.choice(
        ((b"\xef\xbb\xbf", b""), (b"[", b"]"), (b"", b"\x00"), (b" " * 1_000, b"\n"), (b"", body))
    )
    return before + body + after


def _encoded(body: bytes, chance: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(
        chance.choice(("utf-16", "utf-32", "latin-1", "utf-7", "cp1252")), "replace"
    )


def _key_doubled(body: bytes, chance: random.Random) -> bytes:
    name = chance.choice(("type", "id", "data", "source", "actor"))
    return body[:-1] + f', "{name}": {json.dumps(chance.choice(JUNK))}}}'.encode()


def _garbage(_body: bytes, chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"", b"null", b"NaN", b'{"type": NaN}', b"7", b"[]", b"{}", b'"', b"\x1f\x8b\x08\x00", b"<xml/>", b"1e999",
            b"[" * 5_000, b'{"a":' * 2_000, b"-" * 1_000, b"1" * 6_000, chance.randbytes(chance.randrange(400)),
            b'"' + b"x" * chance.choice((1_000, 255_000, 300_000)) + b'"',
        )
    )  # fmt: skip


_BODY_MUTATIONS = (_bytes_flipped, _bytes_flipped, _cut_off, _wrapped, _encoded, _key_doubled, _garbage)


def _with_odd_properties(message: Fuzzed, chance: random.Random) -> Fuzzed:
    return chance.choice(_PROPERTY_MUTATIONS)(message, chance)


def _changed(
    message: Fuzzed, properties: Mapping[str, Any] | None = None, *, raw: Mapping[str, bytes] | None = None
) -> Fuzzed:
    """Return the message with other properties; without its usual reply address and correlation nobody waits for it."""
    merged = {name: value for name, value in {**message.properties, **(properties or {})}.items() if value is not None}
    usual = all(
        merged.get(name) == message.properties[name] and name not in (raw or {})
        for name in ("reply_to", "correlation_id")
    )
    accountable = message.accountable and usual and "expiration" not in merged
    return Fuzzed(
        message.index,
        message.token,
        message.exchange,
        message.routing_key,
        message.body,
        merged,
        raw or {},
        accountable,
        message.risky,
    )


def _odd_headers(message: Fuzzed, chance: random.Random) -> Fuzzed:
    names = chance.sample(list(ODD_HEADERS), k=chance.choice((1, 1, 2, 4)))
    return _changed(message, {"headers": {name: ODD_HEADERS[name] for name in names}})


def _unreadable_headers(message: Fuzzed, chance: random.Random) -> Fuzzed:
    odd = {
        "deep": UNREADABLE_TABLES["nested deep"],
        "name": UNREADABLE_TABLES["a name that is no UTF-8"],
        "instant": UNREADABLE_TABLES["an instant beyond the calendar"],
        "text": table(b"a", b"S\x00\x00\x00\x02" + NO_UTF_8),
        "wide": table(b"a", b"S" + (100_000).to_bytes(4) + b"x" * 100_000),
    }
    return _changed(message, raw={"headers": odd[chance.choice(list(odd))]})


def _unreadable_property(message: Fuzzed, chance: random.Random) -> Fuzzed:
    odd = {
        "correlation_id": short(NO_UTF_8),
        "message_id": short(NO_UTF_8),
        "message_type": short(NO_UTF_8),
        "app_id": short(NO_UTF_8 * 100),
        "content_encoding": short(b"\x00" * 200),
        "content_type": short(NO_UTF_8),
        "timestamp": BEYOND_THE_CALENDAR,
    }
    name = chance.choice(list(odd))
    return _changed(message, raw={name: odd[name]})


def _another_property(message: Fuzzed, chance: random.Random) -> Fuzzed:
    name, value = chance.choice(
        (
            ("content_type", "text/plain"),
            ("content_type", "application/json"),
            ("content_type", "application/cloudevents+json; charset=utf-16"),
            ("content_type", "application/cloudevents-batch+json"),
            ("content_type", None),
            ("content_encoding", "gzip"),
            ("delivery_mode", 1),
            ("priority", 255),
            ("correlation_id", None),
            ("correlation_id", ""),
            ("correlation_id", "x" * 255),
            ("correlation_id", "\u0000"),
            ("message_id", None),
            ("message_id", "x" * 255),
            ("message_id", "'; DROP TABLE inbox"),
            ("expiration", "0"),
            ("expiration", "1"),
            ("expiration", "60000"),
            ("user_id", None),
            ("message_type", "practio.rooms.create-room.v1"),
            ("app_id", "practio"),
        )
    )
    return _changed(message, {name: value})


def _another_reply_address(message: Fuzzed, chance: random.Random) -> Fuzzed:
    addresses = (
        None,
        "",
        "rooms.commands",
        "practio.dead",
        "outside.fuzz",
        "amq.rabbitmq.reply-to.",
        "\u0000",
        "x" * 255,
    )
    forged = ("amq.rabbitmq.reply-to.g2FiY2RlZg==.key", "amq.rabbitmq.reply-to.g1hkAA==.a", "amq.rabbitmq.reply-to.-.-")
    return _changed(message, {"reply_to": chance.choice((*addresses, *forged)) or None})


def _refused_by_the_broker(message: Fuzzed, chance: random.Random) -> Fuzzed:
    """What closes the channel: a false account, a lifetime that is none, what may not be published."""
    name, value = chance.choice((("user_id", "practio-rooms"), ("expiration", "soon"), ("user_id", "")))
    changed = _changed(message, {name: value})
    key = chance.choice((message.routing_key, message.routing_key, "rooms.ROOMS", "people", "practio.secret"))
    return Fuzzed(
        message.index,
        message.token,
        chance.choice((message.exchange, message.exchange, "practio.events", "practio.internal", "", "amq.topic")),
        key,
        message.body,
        changed.properties,
        accountable=False,
        risky=True,
    )


_PROPERTY_MUTATIONS = (
    *(_odd_headers,) * 8,
    *(_another_property,) * 8,
    *(_another_reply_address,) * 4,
    *(_unreadable_property,) * 3,
    *(_unreadable_headers,) * 2,
    _refused_by_the_broker,
)
