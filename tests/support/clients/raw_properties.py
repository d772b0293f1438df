"""AMQP properties written byte by byte, as no library would: a faulty foreign program may send them."""

import struct
from typing import Any

from pamqp.commands import Basic

NO_UTF_8 = b"\xff\xfe"
BEYOND_THE_CALENDAR = struct.pack(">Q", 2**63)


class RawProperties(Basic.Properties):
    """Properties of which ``raw`` are these very bytes, and the others, by their names, as usual."""

    def __init__(self, *, raw: dict[str, bytes], **usual: Any) -> None:
        super().__init__(**usual)
        self._raw = raw

    def marshal(self) -> bytes:
        """Return flags and properties, in the order of AMQP."""
        flags, written = 0, b""
        for name, flag in self.flags.items():
            if name in self._raw:
                flags, written = flags | flag, written + self._raw[name]
            elif (value := getattr(self, name)) is not None:
                flags, written = flags | flag, written + self.encode_property(name, value)
        return struct.pack(">H", flags) + written


def short(content: bytes) -> bytes:
    """Write a short string."""
    return bytes([len(content)]) + content


def table(name: bytes, value: bytes) -> bytes:
    """Write a table of one field; ``value`` begins with its type."""
    content = short(name) + value
    return struct.pack(">I", len(content)) + content


def nested(times: int) -> bytes:
    """Write a table in a table, and so on."""
    found = table(b"a", b"t\x01")
    for _ in range(times):
        found = table(b"a", b"F" + found)
    return found


UNREADABLE_TABLES = {
    "a name that is no UTF-8": table(NO_UTF_8, b"t\x01"),
    "an instant beyond the calendar": table(b"a", b"T" + BEYOND_THE_CALENDAR),
    "nested deep": nested(3_000),
}
