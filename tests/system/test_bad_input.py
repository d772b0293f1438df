"""Bad input never loops, never blocks the next, always gets an answer or a dead letter with a reason (promise 7)."""

import asyncio
import json
import random
from typing import Any

import pytest
from aiormq.exceptions import ChannelAccessRefused
from tests.support.clients.actions import REQUEST, a_published_room, accepted, asks
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, QUERIES, REPLY_TO, OutsideSystem
from tests.support.clients.raw_properties import (
    BEYOND_THE_CALENDAR,
    NO_UTF_8,
    UNREADABLE_TABLES,
    RawProperties,
    short,
    table,
)
from tests.support.clients.raw_publisher import CONTENT_TYPE
from tests.support.eventually import eventually
from tests.support.oracles.dead_letters import dead_letter
from tests.support.stack.running import RunningStack

GOOD = {
    "specversion": "1.0",
    "id": "00000000-0000-4000-8000-000000000000",
    "source": "https://directory.example.org",
    "type": f"practio.{REQUEST}",
    "time": "2026-03-01T18:00:00Z",
    "actor": "00000000-0000-4000-8000-000000000001",
    "data": about("00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000001"),
}

UNREADABLE = {
    "nothing": b"",
    "no JSON": b"hello",
    "half a JSON": json.dumps(GOOD).encode()[:-10],
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no type": b"{}",
    "a type that is no text": json.dumps(GOOD | {"type": 7}).encode(),
    "an unknown type": json.dumps(GOOD | {"type": "practio.membership.fly.v1"}).encode(),
    "the type of another routing key": json.dumps(GOOD | {"type": "practio.membership.withdraw.v1"}).encode(),
    "bad UTF-8": b'{"type": "\xff\xfe"}',
    "a deep list": b"[" * 100_000 + b"]" * 100_000,
    "a deep object": json.dumps(GOOD).encode()[:-1] + b', "x": ' + b'{"x":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "NaN": b'{"type": NaN}',
    "a number without end": b'{"type": 1' + b"0" * 10_000 + b"}",
    "300 KiB": json.dumps(GOOD | {"padding": "x" * 300 * 1024}).encode(),
}

INVALID: dict[str, Data] = {
    "no data": {name: value for name, value in GOOD.items() if name != "data"},
    "data that is text": GOOD | {"data": "please"},
    "data without a person": GOOD | {"data": {"room_id": new_id()}},
    "an unknown field": GOOD | {"data": GOOD["data"] | {"colour": "red"}},  # type: ignore[operator]
    "a control character": GOOD | {"data": GOOD["data"] | {"message": "a\x00b"}},  # type: ignore[operator]
    "an id that is none": GOOD | {"data": about("room", "person")},
    "no actor": {name: value for name, value in GOOD.items() if name != "actor"},
    "an actor that is nobody": GOOD | {"actor": "me"},
    "another version of CloudEvents": GOOD | {"specversion": "0.3"},
    "no source": {name: value for name, value in GOOD.items() if name != "source"},
    "a time without offset": GOOD | {"time": "2026-03-01T18:00:00"},
}

ODD_PROPERTIES = {
    "a correlation id that is no UTF-8": {"correlation_id": short(NO_UTF_8)},
    "a message id that is no UTF-8": {"message_id": short(NO_UTF_8)},
    "an instant beyond the calendar": {"timestamp": BEYOND_THE_CALENDAR},
    "a header that is no UTF-8": {"headers": table(b"a", b"S\x00\x00\x00\x02" + NO_UTF_8)},
}

UNWRITABLE_HEADERS = {
    "headers as wide as a frame": table(b"a", b"S" + (130_000).to_bytes(4) + b"x" * 130_000),
    "text that is no UTF-8": table(b"a", b"S\x00\x00\x00\x02" + NO_UTF_8),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_an_unreadable_message_is_answered_and_dead_lettered_with_the_reason(
    outside: OutsideSystem, stack: RunningStack, what: str
) -> None:
    identity = new_id()

    await outside.publish_raw(COMMANDS, REQUEST, UNREADABLE[what], id=identity)

    assert (await the_answer(outside, identity))["code"] == "unreadable"
    letter = await dead_letter(stack, identity)
    assert (letter["queue"], letter["reason"]) == ("membership.commands", "unreadable")
    assert letter["detail"]


@pytest.mark.parametrize("what", INVALID)
async def test_an_invalid_message_is_refused_and_every_fault_is_named(outside: OutsideSystem, what: str) -> None:
    identity = new_id()
    body = json.dumps(INVALID[what] | {"id": identity}).encode()

    await outside.publish_raw(COMMANDS, REQUEST, body, id=identity)

    answer = await the_answer(outside, identity)
    assert (answer["code"], answer["command_type"]) == ("invalid", f"practio.{REQUEST}")
    assert answer["errors"]
    assert all(error["field"] and error["message"] for error in answer["errors"])
    await eventually(lambda: is_answered(outside, identity), message="the refusal as an event")


async def test_a_command_that_is_not_in_the_catalogue_is_refused_by_the_broker(outside: OutsideSystem) -> None:
    with pytest.raises(ChannelAccessRefused):
        await outside.publish_raw(COMMANDS, "membership.fly-to-the-moon.v1", b"{}", id=new_id())


async def test_an_unknown_type_is_answered_unreadable(outside: OutsideSystem, stack: RunningStack) -> None:
    identity = new_id()
    event = outside.envelope("membership.fly-to-the-moon.v1", {}, actor=new_id()) | {"id": identity}
    await outside.publish_raw(COMMANDS, REQUEST, json.dumps(event).encode(), id=identity)
    assert (await the_answer(outside, identity))["code"] == "unreadable"
    assert (await dead_letter(stack, identity))["queue"] == "membership.commands"


async def test_an_unreadable_query_is_answered_too(outside: OutsideSystem, stack: RunningStack) -> None:
    identity = new_id()
    await outside.publish_raw(QUERIES, "membership.get-roster.v1", b"?", id=identity)
    assert (await the_answer(outside, identity))["code"] == "unreadable"
    assert (await dead_letter(stack, identity))["queue"] == "membership.queries"


@pytest.mark.parametrize("what", ODD_PROPERTIES)
async def test_a_command_with_unusual_properties_is_handled(outside: OutsideSystem, what: str) -> None:
    identity = new_id()
    body = json.dumps(GOOD | {"id": identity}).encode()

    await outside.publish_with_properties(COMMANDS, REQUEST, body, written(outside, identity, ODD_PROPERTIES[what]))

    await eventually(lambda: is_answered(outside, identity), message="the refusal as an event")


@pytest.mark.parametrize("what", UNREADABLE_TABLES)
async def test_a_message_with_unreadable_headers_is_answered_and_dead_lettered(
    outside: OutsideSystem, stack: RunningStack, what: str
) -> None:
    identity = new_id()
    body = json.dumps(GOOD | {"id": identity}).encode()
    properties = written(outside, identity, {"headers": UNREADABLE_TABLES[what]})

    await outside.publish_with_properties(COMMANDS, REQUEST, body, properties)

    assert (await the_answer(outside, identity))["code"] == "unreadable"
    assert (await dead_letter(stack, identity))["detail"] == "the headers cannot be read"


@pytest.mark.parametrize("what", UNWRITABLE_HEADERS)
async def test_a_message_with_unwritable_headers_is_dead_lettered_too(
    outside: OutsideSystem, stack: RunningStack, what: str
) -> None:
    identity = new_id()
    properties = written(outside, identity, {"headers": UNWRITABLE_HEADERS[what]})

    await outside.publish_with_properties(COMMANDS, REQUEST, b"?", properties)

    assert (await the_answer(outside, identity))["code"] == "unreadable"
    assert (await dead_letter(stack, identity))["reason"] == "unreadable"


async def test_300_mangled_messages_each_get_an_answer_and_block_nothing(outside: OutsideSystem) -> None:
    room = await a_published_room(outside, policy="open")
    chance = random.Random(7)
    mangled = {new_id(): mangle(chance) for _ in range(300)}

    for identity, body in mangled.items():
        await outside.publish_raw(COMMANDS, REQUEST, body, id=identity)

    assert (await accepted(asks(outside, room, new_id())))["status"] == "joined"
    await asyncio.gather(*(the_answer(outside, identity) for identity in mangled))


def mangle(chance: random.Random) -> bytes:
    """Return a good message in which an attribute, a field or some bytes are replaced by junk."""
    junk: Any = chance.choice([None, "", 0, -1, 1e300, [], {}, [[]], "x" * 1000, "\u202e", True, {"a": {"b": []}}])
    event = json.loads(json.dumps(GOOD)) | {"id": new_id()}
    match chance.randrange(3):
        case 0:
            event[chance.choice(list(GOOD))] = junk
        case 1:
            event["data"][chance.choice(["room_id", "person_id", "roles", "answers", "message", "colour"])] = junk
        case _:
            body = bytearray(json.dumps(event).encode())
            body[chance.randrange(len(body))] = chance.randrange(256)
            return bytes(body)
    return json.dumps(event).encode()


def written(outside: OutsideSystem, identity: str, raw: dict[str, bytes]) -> RawProperties:
    usual = {
        "message_id": identity,
        "correlation_id": identity,
        "reply_to": REPLY_TO,
        "user_id": outside.account,
        "content_type": CONTENT_TYPE,
    }
    return RawProperties(raw=raw, **usual)


async def the_answer(outside: OutsideSystem, identity: str) -> Data:
    answers = await eventually(lambda: outside.answers.get(identity), message=f"an answer to {identity}")
    data: Data = answers[0]["data"]
    return data


def is_answered(outside: OutsideSystem, identity: str) -> bool:
    refusals = outside.events["membership.command-refused.v1"]
    return any(event["data"]["command_id"] == identity for event in refusals)
