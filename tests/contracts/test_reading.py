"""Readable and unreadable messages: every fault is a value with the name of its field."""

import json
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.envelopes import (
    a_person,
    a_room,
    an_envelope,
    faults,
    read_back,
    understood,
)
from tests.support.every_case import every_case

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import CONTENT_TYPE, MOST_BYTES, Envelope, Invalid, Unreadable, read, write

KEY = "rooms.create-room.v1"


def reading(body: bytes, *, key: str | None = KEY, content_type: str | None = CONTENT_TYPE) -> Any:
    return read(body, routing_key=key, content_type=content_type)


def test_a_valid_envelope_is_read() -> None:
    envelope = understood(a_room(capacity=3))
    assert (envelope.data.capacity, envelope.routing_key) == (3, KEY)


@every_case(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b'"text"',
        b"null",
        b'{"type": ',
        b'{"type": "practio.rooms.create-room.v1", "data": {"capacity": NaN}}',
        b'{"type": "practio.rooms.create-room.v1", "data": {"capacity": Infinity}}',
        b'{"type": "practio.rooms.create-room.v1", "data": {"title": "\xff\xfe"}}',
        b'{"type": "practio.rooms.create-room.v1", "data": {"title": "\\ud800"}}',
        b'{"type": "practio.rooms.create-room.v1", "data": {"capacity": ' + b"9" * 5_000 + b"}}",
        b'{"type": "practio.rooms.create-room.v1", "data": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b"{}",
        b'{"type": 3}',
        b'{"type": "rooms.create-room.v1"}',
        b'{"type": "practio.rooms.create-rom.v1"}',
        b'{"type": "practio.rooms.create-room.v2"}',
    ],
)
def test_an_unknown_message_is_unreadable(body: bytes) -> None:
    assert isinstance(reading(body), Unreadable)


def test_a_type_under_another_routing_key_is_unreadable() -> None:
    body = json.dumps(a_room()).encode()
    assert isinstance(reading(body, key="rooms.publish-room.v1"), Unreadable)
    assert isinstance(reading(body, key=None), Envelope)


def test_more_than_256_kib_are_unreadable_and_256_kib_are_not() -> None:
    body = json.dumps(a_room()).encode()
    assert isinstance(reading(body + b" " * (MOST_BYTES - len(body))), Envelope)
    assert reading(b" " * (300 * 1024)) == Unreadable("the message has 307200 bytes; at most 262144 are allowed")


def test_the_last_of_two_equal_keys_counts() -> None:
    body = json.dumps(a_room()).replace('"title": "Intervision"', '"title": "First", "title": "Last"').encode()
    assert reading(body).data.title == "Last"


@every_case("name", ["specversion", "id", "source", "time", "data", "actor"])
def test_a_required_attribute_that_is_missing_is_named(name: str) -> None:
    assert set(faults(a_room() | {name: None})) == {name}
    envelope = a_room()
    del envelope[name]
    assert set(faults(envelope)) == {name}


@every_case(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", "42"),
        ("source", "my intranet"),
        ("source", ""),
        ("time", "2026-03-01T18:00:00"),
        ("time", "2026-03-01"),
        ("time", 1_772_388_000),
        ("time", "yesterday"),
        ("time", "0001-01-01T00:00:00+05:00"),
        ("actor", "the host"),
        ("actor", "System"),
        ("datacontenttype", "application/xml"),
        ("subject", "two words"),
        ("sequence", "first"),
        ("sequence", True),
        ("data", "text"),
        ("data", []),
    ],
)
def test_a_faulty_attribute_is_named_once(name: str, value: Any) -> None:
    assert list(faults(a_room() | {name: value})) == [name]


def test_a_faulty_field_is_named_by_its_path_inside_the_data() -> None:
    found = faults(
        a_room(
            capacity=0,
            acces={},
            access={"waitlist": {"limit": -1, "lenght": 3}},
            roles=[{"name": "coach"}, {"name": "", "seats": 2}],
        )
    )
    assert found["acces"] == "this field is not known"
    assert found["roles.1.name"] == "Value should have at least 1 character, not 0"
    assert set(found) == {"capacity", "acces", "access.waitlist.limit", "access.waitlist.lenght", "roles.1.name"}


def test_faults_of_envelope_and_data_are_reported_together() -> None:
    assert set(faults(a_room(capacity=0) | {"time": "now"})) == {"capacity", "time"}


def test_at_most_fifty_faults_are_reported() -> None:
    assert len(faults(a_room(**{f"field_{number}": 1 for number in range(80)}))) == 50


def test_unknown_fields_of_events_and_extensions_of_the_envelope_are_ignored() -> None:
    envelope = understood(a_person(shoe_size=43) | {"partitionkey": "a", "dataref": None})
    assert not hasattr(envelope.data, "shoe_size")


def test_the_system_may_be_the_actor() -> None:
    assert understood(a_room() | {"actor": "system"}).actor == "system"


def test_an_instant_is_converted_to_utc() -> None:
    assert understood(a_room() | {"time": "2026-03-01T18:00:00.5+05:30"}).time.isoformat() == (
        "2026-03-01T12:30:00.500000+00:00"
    )


def test_a_leap_second_is_the_second_before_it() -> None:
    assert understood(a_room() | {"time": "1990-12-31T15:59:60.5-08:00"}).time.isoformat() == (
        "1990-12-31T23:59:59.500000+00:00"
    )
    assert set(faults(a_room() | {"time": "1990-12-31T15:60:00Z"})) == {"time"}


def test_a_broken_trace_context_is_dropped_rather_than_the_message() -> None:
    assert understood(a_room() | {"traceparent": "00-xyz"}).traceparent is None


def test_a_missing_attribute_is_explained_in_a_sentence() -> None:
    assert faults(a_room() | {"actor": None}) == {"actor": "the actor is missing: use a person's id, or system"}
    assert faults(a_person() | {"subject": None, "sequence": None}) == {
        "subject": "the subject of an event of people is the person's id",
        "sequence": "events of people need a sequence, which rises by one for each person",
    }


@every_case("name", ["subject", "sequence"])
def test_people_events_have_a_subject_and_a_sequence(name: str) -> None:
    assert list(faults(a_person() | {name: None})) == [name]
    assert understood(a_person() | {"sequence": 12}).sequence == "12"


def test_an_event_of_one_person_is_not_about_another() -> None:
    assert list(faults(a_person() | {"subject": str(uuid4())})) == ["subject"]


@every_case("prefix", ["cloudEvents:", "cloudEvents_"])
def test_binary_mode_is_read_from_headers(prefix: str) -> None:
    envelope = a_room(capacity=3)
    data = envelope.pop("data")
    headers: dict[str, Any] = {f"{prefix}{name}": value for name, value in envelope.items()} | {"other": b"\xff"}
    headers[f"{prefix}id"] = envelope["id"].encode()
    received = read(json.dumps(data).encode(), routing_key=KEY, content_type="application/json", headers=headers)
    assert isinstance(received, Envelope)
    assert (received.id, received.data.capacity) == (UUID(envelope["id"]), 3)


def test_headers_are_ignored_if_the_envelope_is_in_the_body() -> None:
    envelope = a_room()
    received = read(
        json.dumps(envelope).encode(),
        routing_key=KEY,
        content_type=f"{CONTENT_TYPE}; charset=utf-8",
        headers={"cloudEvents:id": str(uuid4())},
    )
    assert isinstance(received, Envelope)
    assert str(received.id) == envelope["id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below, max_size=4),
    max_leaves=12,
)
NAMES = sorted(Envelope.model_fields)
ANY_ENVELOPE = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))


@given(st.binary(max_size=400))
def test_any_bytes_are_unreadable_and_never_raise(body: bytes) -> None:
    assert isinstance(reading(body, content_type=None), Unreadable)


@given(key=st.sampled_from(sorted(CATALOGUE)), attributes=ANY_ENVELOPE, data=JSON)
def test_any_json_is_valid_invalid_or_unreadable_and_never_raises(
    key: str, attributes: dict[str, Any], data: Any
) -> None:
    body = json.dumps(attributes | {"type": f"practio.{key}", "data": data}).encode()
    result = reading(body, key=key)
    assert isinstance(result, (Envelope, Invalid, Unreadable))
    if isinstance(result, Invalid):
        assert result.errors


@given(key=st.sampled_from(sorted(CATALOGUE)), data=st.data())
def test_any_value_of_any_field_is_read_or_named_as_a_fault(key: str, data: st.DataObject) -> None:
    fields = CATALOGUE[key].model_fields
    drawn = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, JSON)))
    result = read_back(an_envelope(key, drawn))
    assert isinstance(result, (Envelope, Invalid, Unreadable))
    if isinstance(result, Envelope):
        assert reading(write(result), key=key) == result


@given(st.dictionaries(st.sampled_from([f"cloudEvents:{name}" for name in NAMES]), JSON | st.binary()), st.binary())
def test_any_headers_never_raise(headers: dict[str, Any], body: bytes) -> None:
    assert isinstance(read(body, routing_key=KEY, headers=headers), (Envelope, Invalid, Unreadable))
