"""Malformed AMQP properties: none closes the connection, none leaves a message unacknowledged."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from aio_pika import DeliveryMode, Message
from pamqp import decode, encode, frame, header
from pamqp.commands import Basic
from tests.support.clients.raw_properties import BEYOND_THE_CALENDAR, UNREADABLE_TABLES, RawProperties, short, table

from practio_chassis.broker.amqp_decoding import (
    MAX_HEADER_BYTES,
    UNREADABLE_HEADERS,
    install_tolerant_decoders,
    writable,
)


@pytest.fixture(autouse=True)
def _methods_as_they_were() -> Iterator[None]:
    before, missing = dict(decode.METHODS), DeliveryMode._missing_
    yield
    decode.METHODS.update(before)
    DeliveryMode._missing_ = missing  # type: ignore[method-assign]


def properties_read(raw: dict[str, bytes], **usual: str) -> Any:
    payload = struct.pack(">HHQ", 60, 0, 1) + RawProperties(raw=raw, **usual).marshal()
    _, _, read = frame.unmarshal(struct.pack(">BHI", 2, 1, len(payload)) + payload + b"\xce")
    assert isinstance(read, header.ContentHeader)
    return read.properties


@pytest.mark.parametrize("name", ["correlation_id", "message_id", "content_type", "reply_to", "app_id"])
def test_text_that_is_not_utf_8_gets_replacement_marks_and_never_grows(name: str) -> None:
    install_tolerant_decoders()
    read = properties_read({name: short(b"a\xff" * 100)}, user_id="intranet")
    assert getattr(read, name) == "a?" * 100
    assert read.user_id == "intranet"


def test_a_routing_key_that_is_not_utf_8_is_read_too() -> None:
    install_tolerant_decoders()
    delivered = Basic.Deliver("tag", 1, False, "practio.commands", "membership.X").marshal().replace(b"X", b"\xff")
    read = Basic.Deliver()
    read.unmarshal(delivered)
    assert read.routing_key == "membership.?"


def test_an_impossible_timestamp_is_ignored() -> None:
    install_tolerant_decoders()
    read = properties_read({"timestamp": BEYOND_THE_CALENDAR}, user_id="intranet")
    assert (read.timestamp, read.user_id) == (None, "intranet")


@pytest.mark.parametrize("what", UNREADABLE_TABLES)
def test_unreadable_headers_are_marked_and_the_rest_is_read(what: str) -> None:
    install_tolerant_decoders()
    read = properties_read({"headers": UNREADABLE_TABLES[what]}, correlation_id="7")
    assert (read.headers, read.correlation_id) == ({UNREADABLE_HEADERS: True}, "7")


def test_readable_headers_are_unchanged() -> None:
    install_tolerant_decoders()
    assert properties_read({"headers": table(b"cloudEvents:id", b"S\x00\x00\x00\x017")}).headers == {
        "cloudEvents:id": "7"
    }


def test_an_unknown_delivery_mode_is_read_as_the_broker_reads_it() -> None:
    install_tolerant_decoders()
    assert Message(b"", delivery_mode=7).delivery_mode is DeliveryMode.NOT_PERSISTENT


def test_unwritable_headers_are_dropped() -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    assert writable({"a": b"\xff", "b": {"c": [b"\xff"]}, "d": endless, "e": 2**70, "f": "stays"}) == {"f": "stays"}


def test_headers_are_kept_as_far_as_they_fit_the_smallest_first() -> None:
    kept = writable({"huge": "x" * MAX_HEADER_BYTES, "cloudEvents:id": "7", "some": "y" * 1_000})
    assert set(kept) == {"cloudEvents:id", "some"}
    assert len(encode.field_table(kept)) <= MAX_HEADER_BYTES
