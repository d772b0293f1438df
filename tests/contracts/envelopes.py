"""Messages as an outside system would write them, and how they are read."""

import json
from typing import Any
from uuid import uuid4

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import CONTENT_TYPE, Envelope, Invalid, Unreadable, read
from practio_contracts.message import Command, Query

Data = dict[str, Any]


def an_envelope(key: str, data: Any, **attributes: Any) -> Data:
    """Return a whole envelope around ``data``; ``attributes`` replace and add."""
    whole = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:example:intranet",
        "type": f"practio.{key}",
        "time": "2026-03-01T18:00:00Z",
        "data": data,
    }
    if issubclass(CATALOGUE[key], (Command, Query)):
        whole["actor"] = str(uuid4())
    elif key.startswith("people."):
        whole |= {"subject": data.get("person_id"), "sequence": "1"}
    return whole | attributes


def read_back(envelope: Data) -> Envelope | Invalid | Unreadable:
    """Read an envelope that arrives under the routing key of its type."""
    key = str(envelope.get("type", "")).removeprefix("practio.")
    return read(json.dumps(envelope).encode(), routing_key=key, content_type=CONTENT_TYPE)


def understood(envelope: Data) -> Envelope:
    """Return the result of reading an envelope without faults."""
    result = read_back(envelope)
    assert isinstance(result, Envelope), result
    return result


def faults(envelope: Data) -> dict[str, str]:
    """Return the faults of a readable envelope, by field."""
    result = read_back(envelope)
    assert isinstance(result, Invalid), result
    return {error.field: error.message for error in result.errors}


def a_room(**fields: Any) -> Data:
    """Return an envelope of a command to create a room."""
    return an_envelope("rooms.create-room.v1", {"room_id": str(uuid4()), "title": "Intervision", **fields})


def a_person(**fields: Any) -> Data:
    """Return an envelope of the event that a person is known."""
    person = {
        "person_id": str(uuid4()),
        "display_name": "Ada Moretti",
        "email": "ada@example.org",
        "locale": "it-IT",
        "time_zone": "Europe/Rome",
    }
    return an_envelope("people.person-registered.v1", person | fields)
