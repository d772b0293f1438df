"""From answers of services and faults to status codes and headers."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.support.every_case import every_case

from practio_contracts.answers import FieldError
from practio_gateway.faults import NO_LOGIN, HttpFault
from practio_gateway.responses import answer_response, fault_response

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def answer(kind: str, **data: Any) -> bytes:
    event = {"specversion": "1.0", "id": "an-id", "source": "/practio/membership", "type": kind, "data": data}
    return json.dumps(event | {"time": NOW.isoformat(), "subject": 'a "name" ü'}).encode()


@every_case(
    ("code", "status"),
    [
        (None, 200),
        ("invalid", 422),
        ("unreadable", 400),
        ("failed", 502),
        ("room-not-open", 409),
        ("a-later-code", 409),
    ],
)
def test_each_answer_has_a_status_code(code: str | None, status: int) -> None:
    response = answer_response(answer("practio.membership.command-refused.v1", code=code), now=NOW)
    assert response.status_code == status
    assert json.loads(bytes(response.body)) == {"code": code}


def test_the_attributes_of_an_answer_are_headers() -> None:
    response = answer_response(answer("practio.membership.answer.v1", result={}), now=NOW)
    assert response.headers["ce-type"] == "practio.membership.answer.v1"
    assert response.headers["ce-subject"] == "a%20%22name%22%20%C3%BC"
    assert response.headers["content-type"] == "application/json"


def test_a_command_that_may_be_sent_again_says_when() -> None:
    kind = "practio.membership.command-refused.v1"
    later = {"code": "too-many", "next_step": "retry-after", "retry_after": "2026-11-29T12:01:30+00:00"}
    assert answer_response(answer(kind, **later), now=NOW).headers["retry-after"] == "90"
    soon = {"code": "room-unknown", "next_step": "retry-after", "retry_after": None}
    assert answer_response(answer(kind, **soon), now=NOW).headers["retry-after"] == "1"
    assert "retry-after" not in answer_response(answer(kind, code="x", next_step="none"), now=NOW).headers


def test_a_fault_has_the_form_of_a_refusal() -> None:
    error = FieldError(field="subject", message="is missing")
    response = fault_response(HttpFault(status=422, code="invalid", detail="Correct it.", errors=[error]))
    assert json.loads(bytes(response.body)) == {
        "code": "invalid",
        "detail": "Correct it.",
        "errors": [{"field": "subject", "message": "is missing"}],
    }
    assert fault_response(NO_LOGIN).headers["www-authenticate"].startswith("Basic ")
