"""AMQP properties written by strangers: decoded whatever they contain, and encoded again as far as possible.

The broker passes on strings that are not UTF-8, instants beyond the year 9999, and unreadable tables. pamqp raises on
them: the connection is lost, the broker redelivers the message, and so on, while no other message is handled. aio-pika
raises on undefined delivery modes, which RabbitMQ 3.10 refuses: the message would stay unacknowledged.
"""

from collections.abc import Mapping
from typing import Any

from aio_pika import DeliveryMode
from pamqp import decode, encode
from pamqp.common import FieldTable

UNREADABLE_HEADERS = "practio-spoilt"
"""The header that replaces headers that could not be decoded."""

MAX_HEADER_BYTES = 64 * 1024
"""The limit on a stranger's headers: together with ours they must fit into one frame of at most 128 KiB."""

_UNREADABLE = (ValueError, ArithmeticError, OSError, RecursionError)
_UNWRITABLE = (TypeError, *_UNREADABLE)


def install_tolerant_decoders() -> None:
    """Patch the decoders of this process, so that no message's properties end the connection."""
    decode.METHODS["shortstr"] = _short_string
    decode.METHODS["timestamp"] = _timestamp
    decode.METHODS["table"] = _table
    DeliveryMode._missing_ = classmethod(_unknown_delivery_mode)  # type: ignore[assignment]


def _short_string(value: bytes) -> tuple[int, str]:
    """Decode invalid UTF-8 as question marks: the string must not grow beyond 255 bytes, or it cannot be sent."""
    length = value[0] + 1
    return length, value[1:length].decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")


def _timestamp(value: bytes) -> tuple[int, Any]:
    try:
        return decode.timestamp(value)
    except _UNREADABLE:
        return 8, None


def _table(value: bytes) -> tuple[int, FieldTable]:
    try:
        return decode.field_table(value)
    except _UNREADABLE:
        return 4 + int.from_bytes(value[:4]), {UNREADABLE_HEADERS: True}


def _unknown_delivery_mode(modes: type[DeliveryMode], value: object) -> DeliveryMode:
    """Return the delivery mode for which the broker takes an undefined one."""
    return modes.NOT_PERSISTENT


def writable(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers that can be encoded again, the smallest first, up to ``MAX_HEADER_BYTES`` in total."""
    kept: dict[str, Any] = {}
    left = MAX_HEADER_BYTES
    for name, size in sorted(_sizes(headers).items(), key=lambda each: each[1]):
        left -= size
        if left < 0:
            break
        kept[name] = headers[name]
    return kept


def _sizes(headers: Mapping[str, Any]) -> dict[str, int]:
    sizes = {}
    for name, value in headers.items():
        try:
            sizes[name] = len(encode.field_table({name: value}))
        except _UNWRITABLE:
            continue  # such as text that is not UTF-8, which pamqp decodes to bytes and refuses to encode
    return sizes
