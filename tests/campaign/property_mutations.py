"""What is changed in the AMQP properties of a fuzzed message."""

import random
from collections.abc import Mapping
from typing import Any

from tests.campaign.fuzzed_message import Fuzzed
from tests.campaign.junk import ODD_HEADERS
from tests.support.clients.raw_properties import BEYOND_THE_CALENDAR, NO_UTF_8, UNREADABLE_TABLES, short, table


def with_odd_properties(message: Fuzzed, chance: random.Random) -> Fuzzed:
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
