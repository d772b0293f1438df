"""From a request to a message: the HTTP binding of CloudEvents 1.0.2, structured and binary mode.

The message is passed on as it was written: the services judge its fields, so that it gets the same answer as over AMQP.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as HeaderParser
from typing import Any
from urllib.parse import unquote

from pydantic_core import from_json, to_json

from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, QUERIES, exchange_of
from practio_contracts.envelope import CONTENT_TYPE, MOST_BYTES, Invalid, read
from practio_gateway.faults import TOO_LARGE, HttpFault

PATHS = {"/commands": COMMANDS, "/queries": QUERIES, "/directory": DIRECTORY}
"""The exchange of each address."""

_PLACES = {exchange: path for path, exchange in PATHS.items()}
_NAME = re.compile(r"ce-([a-z0-9]{1,40})")
_JSON = re.compile(r"application/([\w.-]+\+)?json")
_MOST_ATTRIBUTES = 50


@dataclass(frozen=True, slots=True)
class BrokerMessage:
    """A message as it goes to the broker: in structured mode, under a routing key of one exchange."""

    exchange: str
    routing_key: str
    body: bytes


def arrival_of(path: str, headers: Mapping[str, str], body: bytes) -> BrokerMessage | HttpFault:
    """Return the message of a request to one of ``PATHS``; a fault if nobody could read it or it belongs elsewhere."""
    kind, charset = _media_type(headers.get("content-type", ""))
    if headers.get("content-encoding", "identity") != "identity" or charset not in ("utf-8", "us-ascii"):
        return _unsupported("Send the message as UTF-8, without Content-Encoding.")
    try:
        raw = from_json(body, allow_inf_nan=False)
    except (ValueError, RecursionError):
        return _unsupported() if not _JSON.fullmatch(kind) else _unreadable("The body is not JSON that can be read.")
    attributes = _attributes(kind, headers)
    if isinstance(attributes, HttpFault):
        return attributes
    event = attributes | {"data": raw} if attributes else raw
    return _placed(event, PATHS[path], to_json(event) if attributes else body)


def _media_type(written: str) -> tuple[str, str]:
    parser = HeaderParser()
    parser["content-type"] = written or "application/octet-stream"
    return parser.get_content_type(), str(parser.get_param("charset", "utf-8")).lower()


def _attributes(kind: str, headers: Mapping[str, str]) -> dict[str, Any] | HttpFault:
    """Return the attributes of binary mode; none in structured mode."""
    if kind == CONTENT_TYPE:
        return {}
    found = {match[1]: unquote(value) for name, value in headers.items() if (match := _NAME.fullmatch(name.lower()))}
    found.pop("data", None)
    if not _JSON.fullmatch(kind) or kind.startswith("application/cloudevents") or "specversion" not in found:
        return _unsupported()
    if len(found) > _MOST_ATTRIBUTES:
        return _unreadable(f"A message has at most {_MOST_ATTRIBUTES} attributes.")
    return found | {"datacontenttype": kind}


def _placed(event: object, exchange: str, body: bytes) -> BrokerMessage | HttpFault:
    """Check what no service would answer: its type, its address, a source of ours, the fields of a person."""
    if len(body) > MOST_BYTES:
        return TOO_LARGE
    kind = event.get("type") if isinstance(event, dict) else None
    message = CATALOGUE.get(kind.removeprefix("practio.")) if isinstance(kind, str) else None
    if not isinstance(event, dict) or message is None or kind != message.type_name():
        return _unreadable(
            "Its type is none of the messages of Practio: write practio. and the message's name, such as "
            "practio.membership.request-to-join.v1."
        )
    right = exchange_of(message)
    if right not in _PLACES:
        return _unreadable(f"{message.routing_key} is published by Practio alone.")
    if right != exchange:
        return HttpFault(status=400, code="misplaced", detail=f"POST {message.routing_key} to {_PLACES[right]}.")
    source = event.get("source")
    if isinstance(source, str) and source.startswith("/practio/"):
        return HttpFault(
            status=400, code="misplaced", detail="A source under /practio/ is Practio's own: write one of yours."
        )
    if exchange == DIRECTORY and isinstance(found := read(body, routing_key=None, content_type=CONTENT_TYPE), Invalid):
        return HttpFault(
            status=422,
            code="invalid",
            detail="Nothing was published: correct the fields that errors names.",
            errors=found.errors,
        )
    return BrokerMessage(exchange, message.routing_key, body)


def _unreadable(detail: str) -> HttpFault:
    return HttpFault(status=400, code="unreadable", detail=detail)


def _unsupported(detail: str = "") -> HttpFault:
    return HttpFault(
        status=415,
        code="unsupported",
        detail=detail
        or f"Send a CloudEvent, as {CONTENT_TYPE} or as application/json with the headers ce-specversion, ce-id, "
        "ce-source, ce-type, ce-time and ce-actor; one event in a request.",
        headers={"accept-post": f"{CONTENT_TYPE}, application/json"},
    )
