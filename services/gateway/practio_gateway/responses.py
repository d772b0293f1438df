"""From an answer of a service, or a fault, to a response: JSON, and the attributes of the answer as headers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json, to_json
from starlette.responses import Response

from practio_contracts.answers import NextStep
from practio_gateway.faults import HttpFault

_STATUS = {"unreadable": 400, "invalid": 422, "failed": 502}
"""The status codes of refusals; all others are 409: the message was understood, and the rules say no."""

_REFUSED = 409
_SHOWN = " " + "".join(map(chr, range(0x21, 0x7F)))


def answer_response(body: bytes, *, now: datetime) -> Response:
    """Return the answer of a service: 200, or the status code of its refusal."""
    event = from_json(body)
    data = event["data"]
    return _json(data, _status(data), _attributes(event) | _when(data, now))


def taken_response() -> Response:
    """Return that the broker has taken an event of people, which nobody answers."""
    return _json({"confirmed": True}, 202)


def fault_response(fault: HttpFault) -> Response:
    """Return a fault, in the form of a refusal."""
    errors = [each.model_dump() for each in fault.errors]
    content = {"code": fault.code, "detail": fault.detail} | ({"errors": errors} if errors else {})
    return _json(content, fault.status, fault.headers)


def _status(data: Mapping[str, Any]) -> int:
    code = data.get("code")
    return 200 if code is None else _STATUS.get(code, _REFUSED)


def _attributes(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of binary mode (HTTP binding, 3.1.3.2)."""
    return {
        f"ce-{name}": quote(value, safe=_SHOWN.translate({ord(each): None for each in ' "%'}))
        for name, value in event.items()
        if name not in ("data", "datacontenttype") and isinstance(value, str)
    }


def _when(data: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """Return when a refused command may be sent again, with a new id."""
    if data.get("next_step") != NextStep.RETRY_AFTER:
        return {}
    instant = data.get("retry_after")
    wait = (datetime.fromisoformat(instant) - now.astimezone(UTC)).total_seconds() if instant else 1
    return {"retry-after": str(max(1, round(wait)))}


def _json(content: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(to_json(content), status, dict(headers or {}), media_type="application/json")
