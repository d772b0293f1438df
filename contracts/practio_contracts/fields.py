"""The kinds of field that messages are made of: text, ids, instants, zones."""

import re
import unicodedata
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticUseDefault


class _Private:
    """Marks a field that only services may read; see ``message.without_private``."""

    def __repr__(self) -> str:
        return "PRIVATE"

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"x-private": True}


PRIVATE = _Private()


class _Echoed:
    """Marks a field of a command that the answer's state repeats; see ``message.echoed_fields``."""

    def __repr__(self) -> str:
        return "ECHOED"


ECHOED = _Echoed()

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_LEAP_SECOND = re.compile(r"(?<=:\d\d:)60")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def tidy(text: str) -> str:
    """Return ``text`` in NFC, with LF for CR LF, trimmed."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _command_text(text: str) -> str:
    if _CONTROL.search(text.replace("\r\n", "\n")):
        raise ValueError("control characters other than line break and tab are not allowed")
    return tidy(text)


def _event_text(text: str) -> str:
    return tidy(_CONTROL.sub(" ", text.replace("\r\n", "\n")))


def _event_name(text: str) -> str:
    return tidy(_CONTROL_OR_BREAK.sub(" ", text.replace("\r\n", "\n")))


def default_for_null(value: Any) -> Any:
    """Return ``value``; raise ``PydanticUseDefault`` for null, so that it is read as the default."""
    if value is None:
        raise PydanticUseDefault
    return value


def _rfc3339(value: Any) -> Any:
    """Accept RFC 3339, with a leap second as the second before it, since clocks here have none (RFC 3339, 5.7)."""
    if isinstance(value, (int, float)):
        raise ValueError("an instant is a text, such as 2026-03-01T18:00:00Z")
    if not isinstance(value, str):
        return value
    if not _RFC3339.fullmatch(value):
        raise ValueError("an instant is written as RFC 3339 with an offset, such as 2026-03-01T18:00:00Z")
    return _LEAP_SECOND.sub("59", value) if ":60" in value else value


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant lies between the years 1 and 9999") from error


def _local(value: Any) -> Any:
    if not (isinstance(value, datetime) or (isinstance(value, str) and _LOCAL.fullmatch(value))):
        raise ValueError("a local time is written without an offset, such as 2026-03-01T18:00")
    return value


def _on_a_calendar(local: datetime) -> datetime:
    if local.tzinfo is not None or not 1970 <= local.year < 3000:
        raise ValueError("a local time lies between the years 1970 and 2999")
    return local.replace(microsecond=0)


def _calendar_date(value: Any) -> Any:
    if not (isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(value))):
        raise ValueError("a date is written as 2026-03-01")
    return value


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA list, backward links included, as the package tzdata has them.

    Files of the system differ between images: a name that one service accepts, another might not know.
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def _known_zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError("not an IANA time zone, such as Europe/Rome")
    return name


def _web_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]+", url):
        raise ValueError("a web address starts with https:// or http:// and has no spaces")
    return url


Id = UUID
"""A UUID; ours are version 7."""

Int = StrictInt
Bool = StrictBool

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_rfc3339),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 with an offset; held and written in UTC."""

LocalTime = Annotated[
    datetime,
    BeforeValidator(_local),
    AfterValidator(_on_a_calendar),
    WithJsonSchema({"type": "string", "pattern": f"^{_LOCAL.pattern}$"}),
]
"""A wall clock's date and time, in whole seconds and without an offset; the subject has the zone."""

LocalDate = Annotated[date, BeforeValidator(_calendar_date)]
"""A day on the calendar."""

Text = Annotated[str, AfterValidator(_command_text)]
"""Free text of a command: trimmed, NFC; control characters are refused."""

ShortText = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[Text, StringConstraints(max_length=10_000)]

EventText = Annotated[str, AfterValidator(_event_text)]
"""Free text of an event: control characters become spaces."""

EventName = Annotated[str, AfterValidator(_event_name), StringConstraints(min_length=1, max_length=200)]

Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""A BCP 47 tag, such as ``de`` or ``pt-BR``."""

TimeZone = Annotated[str, AfterValidator(_known_zone)]
WebAddress = Annotated[Text, StringConstraints(max_length=2_000), AfterValidator(_web_address)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
_UpTo100 = Annotated[StrictInt, Field(ge=1, le=100)]
_UpTo500 = Annotated[StrictInt, Field(ge=1, le=500)]

Page = Annotated[_UpTo100, BeforeValidator(default_for_null, json_schema_input_type=_UpTo100 | None)]
"""How many entries a page holds; null is read as the default."""

LongPage = Annotated[_UpTo500, BeforeValidator(default_for_null, json_schema_input_type=_UpTo500 | None)]
Flag = Annotated[StrictBool, BeforeValidator(default_for_null, json_schema_input_type=StrictBool | None)]
"""True or false; null is read as the default."""

Cursor = Annotated[Text, StringConstraints(max_length=500)]
"""The end of a page, from the last answer; opaque."""
