"""Messages as an outside system writes them, and the headers of their requests."""

import json
from typing import Any

from tests.support.clients.commands import new_id

STRUCTURED = {"content-type": "application/cloudevents+json"}


def a_request(**attributes: Any) -> dict[str, Any]:
    """Return a request to join a room, as a CloudEvent."""
    person = new_id()
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": "urn:example:intranet",
        "type": "practio.membership.request-to-join.v1",
        "time": "2026-11-29T12:00:00Z",
        "actor": person,
        "data": {"room_id": new_id(), "person_id": person, "message": "Grüße"},
    } | attributes


def a_registration(**attributes: Any) -> dict[str, Any]:
    """Return the event that registers a person."""
    person = new_id()
    ada = {"display_name": "Ada", "email": "ada@example.org", "locale": "it-IT", "time_zone": "Europe/Rome"}
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": "urn:example:intranet",
        "type": "practio.people.person-registered.v1",
        "time": "2026-11-29T12:00:00Z",
        "subject": person,
        "sequence": "1",
        "data": {"person_id": person} | ada,
    } | attributes


def binary(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an event in binary mode."""
    headers = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    return headers | {"content-type": "application/json"}, json.dumps(event["data"]).encode()
