"""How requests are read: the HTTP binding of CloudEvents, structured and binary mode."""

import json

from tests.support.every_case import every_case
from tests.unit.gateway.messages import STRUCTURED, a_registration, a_request, binary

from practio_gateway.binding import BrokerMessage, arrival_of
from practio_gateway.faults import HttpFault


def fault_of(path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    found = arrival_of(path, headers, body)
    assert isinstance(found, HttpFault)
    return found.status, found.code


def test_a_structured_message_is_passed_on_as_it_was_written() -> None:
    body = json.dumps(a_request(), indent=3).encode()
    for content_type in ("application/cloudevents+json", "Application/CloudEvents+JSON; charset=UTF-8"):
        found = arrival_of("/commands", {"content-type": content_type}, body)
        assert found == BrokerMessage("practio.commands", "membership.request-to-join.v1", body)


def test_a_binary_message_becomes_the_same_structured_one() -> None:
    event = a_request()
    headers, body = binary(event)
    found = arrival_of("/commands", headers, body)
    assert isinstance(found, BrokerMessage)
    assert json.loads(found.body) == event | {"datacontenttype": "application/json"}


def test_attributes_of_binary_mode_are_percent_decoded() -> None:
    headers, body = binary(a_request())
    found = arrival_of("/commands", headers | {"ce-correlationid": "Euro%20%E2%82%AC"}, body)
    assert isinstance(found, BrokerMessage)
    assert json.loads(found.body)["correlationid"] == "Euro €"


@every_case(
    ("path", "kind"),
    [
        ("/queries", "practio.membership.request-to-join.v1"),
        ("/directory", "practio.membership.request-to-join.v1"),
        ("/commands", "practio.rooms.get-room.v1"),
        ("/commands", "practio.people.person-registered.v1"),
    ],
)
def test_a_message_at_the_wrong_address_learns_the_right_one(path: str, kind: str) -> None:
    body = json.dumps(a_request(type=kind)).encode()
    assert fault_of(path, STRUCTURED, body) == (400, "misplaced")


@every_case(
    "kind",
    [
        "practio.membership.fly.v1",
        "membership.request-to-join.v1",
        "practio.membership.joined.v1",
        "practio.membership.fill-seats.v1",
        "practio.membership.command-accepted.v1",
        7,
        None,
    ],
)
def test_a_type_that_is_none_of_those_for_others_is_unreadable(kind: object) -> None:
    for path in ("/commands", "/queries", "/directory"):
        assert fault_of(path, STRUCTURED, json.dumps(a_request(type=kind)).encode()) == (400, "unreadable")


@every_case("body", [b"", b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe", b"[]", b'"text"'])
def test_a_body_that_is_no_json_object_is_unreadable(body: bytes) -> None:
    assert fault_of("/commands", STRUCTURED, body) == (400, "unreadable")


@every_case(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"content-type": "text/plain", "ce-specversion": "1.0"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/cloudevents-batch+json"},
        {"content-type": "application/cloudevents+avro"},
        STRUCTURED | {"content-encoding": "gzip"},
        {"content-type": "application/cloudevents+json; charset=utf-16"},
    ],
)
def test_another_content_type_is_not_supported(headers: dict[str, str]) -> None:
    assert fault_of("/commands", headers, json.dumps(a_request()).encode())[0] == 415


def test_a_source_of_practio_is_refused_since_no_service_would_answer() -> None:
    body = json.dumps(a_request(source="/practio/rooms")).encode()
    assert fault_of("/commands", STRUCTURED, body) == (400, "misplaced")


def test_a_binary_message_whose_attributes_make_it_too_large_is_refused() -> None:
    headers, _ = binary(a_request())
    body = json.dumps({"text": "x" * (256 * 1024 - 40)}).encode()
    assert len(body) < 256 * 1024
    assert fault_of("/commands", headers, body) == (413, "too-large")


def test_faults_in_an_event_of_people_are_named_since_nobody_answers_it() -> None:
    found = arrival_of("/directory", STRUCTURED, json.dumps(a_registration(sequence=None)).encode())
    assert isinstance(found, HttpFault)
    assert (found.status, [each.field for each in found.errors]) == (422, ["sequence"])
    assert isinstance(arrival_of("/directory", STRUCTURED, json.dumps(a_registration()).encode()), BrokerMessage)


def test_faults_in_a_command_are_left_to_its_service() -> None:
    assert isinstance(arrival_of("/commands", STRUCTURED, json.dumps(a_request(data={})).encode()), BrokerMessage)
