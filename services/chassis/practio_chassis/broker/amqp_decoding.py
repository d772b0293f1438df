"""What strangers write into a message's AMQP properties: read whatever it is, and written again as far as it can be.

The broker passes on strings that are no UTF-8, instants beyond the year 9999, and tables that nobody can read. pamqp
raises at them: the connection is lost, the broker brings the message again, and so on, while nobody else is served.
aio-pika raises at delivery modes that do not exist, which RabbitMQ 3.10 refuses: the message would be left in hand.
"""

from collections.abc import Mapping
from typing import Any

from aio_pika import DeliveryMode
from pamqp import decode, encode
from pamqp.common import FieldTable

SPOILT = "practio-spoilt"
"""The header that stands for headers that could not be read."""

MOST_HEADER_BYTES = 64 * 1024
"""How much of a stranger's headers goes along: with ours they must fit into one frame, of 128 KiB at most."""

_UNREADABLE = (ValueError, ArithmeticError, OSError, RecursionError)
_UNWRITABLE = (TypeError, *_UNREADABLE)


def read_whatever_comes() -> None:
    """Let no property of a message end the connection that it comes by, in this process, from now on."""
    decode.METHODS["shortstr"] = _short_string
    decode.METHODS["timestamp"] = _timestamp
    decode.METHODS["table"] = _table
    DeliveryMode._missing_ = classmethod(_unknown_delivery_mode)  # type: ignore[assignment]


def _short_string(value: bytes) -> tuple[int, str]:
    """Read a question mark for what is no UTF-8: the string must not grow beyond 255 bytes, or it cannot be sent."""
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
        return 4 + int.from_bytes(value[:4]), {SPOILT: True}


def _unknown_delivery_mode(modes: type[DeliveryMode], value: object) -> DeliveryMode:
    """Take a mode that does not exist for what the broker takes it for."""
    return modes.NOT_PERSISTENT


def writable(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Give the headers that can be written again, the smallest first, up to ``MOST_HEADER_BYTES`` in all."""
    kept: dict[str, Any] = {}
    left = MOST_HEADER_BYTES
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
            continue  # such as text that is no UTF-8, which pamqp gives as bytes and does not write
    return sizes
