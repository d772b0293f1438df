"""The envelope: CloudEvents 1.0 in JSON; structured and binary mode are read, structured is written.

Source: the CloudEvents specification 1.0.2, its JSON format and its AMQP binding.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from practio_contracts import people
from practio_contracts.answers import FieldError
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.fields import Instant
from practio_contracts.message import Command, Message, Query, private_paths, without_private

CONTENT_TYPE = "application/cloudevents+json"
MOST_BYTES = 256 * 1024
SYSTEM = "system"

_HEADER = "cloudEvents:"
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def _decimal(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _well_formed_or_none(traceparent: Any) -> str | None:
    """Drop a broken trace context rather than the message (W3C Trace Context, 3.2.2)."""
    return traceparent if isinstance(traceparent, str) and _TRACEPARENT.fullmatch(traceparent) else None


def _json(content_type: str) -> str:
    if not re.fullmatch(r"application/([\w.-]+\+)?json(\s*;.*)?", content_type, re.IGNORECASE):
        raise ValueError("the data must be application/json")
    return content_type


UriReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$", max_length=500)]
Word = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]+$", max_length=500)]
Sequence = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$"), BeforeValidator(_decimal)]


class Envelope(BaseModel):
    """A message with its attributes; ``data`` is of the class that ``type`` names.

    ``sequence`` rises by one with each event of the same ``source`` and ``subject``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: UriReference
    type: str
    time: Instant
    subject: Word | None = None
    datacontenttype: Annotated[str, AfterValidator(_json)] | None = "application/json"
    dataschema: UriReference | None = None
    actor: UUID | Literal["system"] | None = None
    correlationid: Word | None = None
    causationid: Word | None = None
    sequence: Sequence | None = None
    traceparent: Annotated[str | None, BeforeValidator(_well_formed_or_none)] = None
    data: Any

    @property
    def routing_key(self) -> str:
        """Return the type without ``practio.``: the routing key that names the message."""
        return self.type.removeprefix("practio.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEnvelope:
    """The envelope of a message of a service's own, with the attributes of ``Envelope``; nothing of it is validated."""

    id: UUID
    source: str
    type: str
    time: datetime
    data: Message
    subject: str | None = None
    actor: UUID | str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    sequence: str | None = None
    traceparent: str | None = None
    specversion: str = "1.0"
    datacontenttype: str = "application/json"
    dataschema: None = None

    @property
    def routing_key(self) -> str:
        """Return the routing key that names the message."""
        return type(self.data).routing_key


_ATTRIBUTES = tuple(name for name in Envelope.model_fields if name != "data")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that cannot be read at all, and why."""

    detail: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A message that can be read and has faults; ``attributes`` are the short texts of its envelope.

    Of ``data`` they hold the ``room_id`` alone: 256 KiB of JSON take up to 6 MB once parsed, and a consumer has
    hundreds of messages in hand.
    """

    message: type[Message]
    attributes: Mapping[str, Any]
    errors: tuple[FieldError, ...]


def write(envelope: Envelope | OutgoingEnvelope, *, public: bool = False) -> bytes:
    """Write an envelope as structured JSON; ``public`` leaves the private fields of the data out."""
    attributes = {name: value for name in _ATTRIBUTES if (value := getattr(envelope, name)) is not None}
    attributes["data"] = _written(envelope.data, public=public)
    return to_json(attributes, by_alias=True)


def _written(data: Message, *, public: bool) -> Message | dict[str, Any]:
    """Leave unset fields out of commands and queries: a null would mean that the value is to be removed."""
    if public and private_paths(type(data)):
        return without_private(data)
    if not public and isinstance(data, (Command, Query)):
        return data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return data


def read(
    body: bytes, *, routing_key: str | None, content_type: str | None = None, headers: Mapping[str, Any] | None = None
) -> Envelope | Unreadable | Invalid:
    """Read a message that was delivered under ``routing_key``, in structured or binary mode.

    ``routing_key`` is None for an answer, which arrives at a reply address. ``headers`` are the AMQP message's. A fault
    of a message is a value, never an exception.
    """
    if len(body) > MOST_BYTES:
        return Unreadable(f"the message has {len(body)} bytes; at most {MOST_BYTES} are allowed")
    try:
        raw = from_json(body, allow_inf_nan=False)
    except (ValueError, RecursionError):
        return Unreadable("the body is not JSON that can be read")
    if not _is_structured(content_type) and (attributes := _binary_attributes(headers or {})):
        return read_parsed(attributes | {"data": raw}, routing_key)
    if not isinstance(raw, dict):
        return Unreadable("the body is not a JSON object")
    return read_parsed(raw, routing_key)


def data_in(body: bytes, *, content_type: str | None = None, headers: Mapping[str, Any] | None = None) -> Any:
    """Return the data of a message as ``read`` finds it, unchecked; None if there is none that can be read."""
    if len(body) > MOST_BYTES:
        return None
    try:
        raw = from_json(body, allow_inf_nan=False)
    except (ValueError, RecursionError):
        return None
    if not _is_structured(content_type) and _binary_attributes(headers or {}):
        return raw
    return raw.get("data") if isinstance(raw, dict) else None


def _is_structured(content_type: str | None) -> bool:
    return (content_type or "").lower().startswith("application/cloudevents")


def _binary_attributes(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of binary mode; the prefix may also be ``cloudEvents_`` (AMQP binding, 3.1.3.1)."""
    found: dict[str, Any] = {}
    for name, value in headers.items():
        if name.startswith((_HEADER, "cloudEvents_")):
            found[name[len(_HEADER) :]] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return found


def read_parsed(raw: dict[str, Any], routing_key: str | None) -> Envelope | Unreadable | Invalid:
    """Read a message whose attributes and data are parsed already, as ``read`` does."""
    kind = raw.get("type")
    if not isinstance(kind, str):
        return Unreadable("the message has no type")
    message = CATALOGUE.get(kind.removeprefix("practio."))
    if message is None or kind != message.type_name():
        return Unreadable("no message of this type is known")
    if routing_key is not None and message.routing_key != routing_key:
        return Unreadable(f"the type is not that of the routing key {routing_key[:100]}")
    return _validated(raw, message)


def _validated(raw: dict[str, Any], message: type[Message]) -> Envelope | Invalid:
    errors: list[FieldError] = []
    data: Message | None = None
    try:
        if "data" in raw:
            data = message.model_validate(raw["data"])
    except (ValidationError, RecursionError) as error:
        errors += _faults(error, of_data=True)
    try:
        envelope = Envelope.model_validate({"specversion": None} | raw | ({"data": data} if "data" in raw else {}))
    except ValidationError as error:
        errors += _faults(error, of_data=False)
    else:
        errors += _missing(envelope, message)
        if not errors:
            return envelope
    return Invalid(message, _short_texts(raw), tuple(errors))


def _short_texts(raw: dict[str, Any]) -> dict[str, Any]:
    names = Envelope.model_fields.keys() - {"data"}
    data = raw.get("data")
    room = data.get("room_id") if isinstance(data, dict) else None
    return {name: raw[name] for name in names if _is_short(raw.get(name))} | (
        {"data": {"room_id": room}} if _is_short(room) else {}
    )


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 500


def _missing(envelope: Envelope, message: type[Message]) -> list[FieldError]:
    """Return the missing attributes that only some kinds of message require."""
    if issubclass(message, (Command, Query)) and envelope.actor is None:
        return [FieldError(field="actor", message="the actor is missing: use a person's id, or system")]
    if isinstance(envelope.data, people.MESSAGES):
        return _missing_of_person(envelope, str(envelope.data.person_id))
    return []


def _missing_of_person(envelope: Envelope, person_id: str) -> list[FieldError]:
    errors = []
    if (envelope.subject or "").lower() != person_id:
        errors.append(FieldError(field="subject", message="the subject of an event of people is the person's id"))
    if envelope.sequence is None:
        message = "events of people need a sequence, which rises by one for each person"
        errors.append(FieldError(field="sequence", message=message))
    return errors


def _faults(error: ValidationError | RecursionError, *, of_data: bool) -> list[FieldError]:
    """Return the first fault of each field, at most 50: a union has one fault per arm."""
    if isinstance(error, RecursionError):
        return [FieldError(field="data", message="the data are nested too deeply")]
    faults: dict[str, FieldError] = {}
    for found in error.errors(include_url=False, include_input=False):
        field = _path(found) if of_data else str(found["loc"][0])
        faults.setdefault(field, FieldError(field=field, message=_in_words(found)))
    return list(faults.values())[:50]


def _path(found: ErrorDetails) -> str:
    """Return the dotted path inside ``data``."""
    return ".".join(str(step) for step in found["loc"] if step != "[key]")[:200] or "data"


def _in_words(found: ErrorDetails) -> str:
    match found["type"]:
        case "extra_forbidden":
            return "this field is not known"
        case "model_type":
            return "an object is expected"
        case "too_long" | "too_short" if found["ctx"]["field_type"] == "Value":
            return found["msg"].replace(" after validation", "").replace("item", "character")
        case _:
            return found["msg"].removeprefix("Value error, ")
