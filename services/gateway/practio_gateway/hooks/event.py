"""What a hook needs to know of an event: its id, its subject, its type."""

from dataclasses import dataclass

from pydantic_core import from_json


@dataclass(frozen=True, slots=True)
class EventHead:
    """The attributes by which an event is delivered."""

    id: str
    source: str
    subject: str
    type: str


def head_of(body: bytes) -> EventHead | None:
    """Return the attributes of an event in structured mode; None if it cannot be read."""
    try:
        body.decode()
        event = from_json(body)
        found = event["id"], event["source"], event.get("subject") or event["id"], event["type"]
        return EventHead(*found) if all(isinstance(each, str) for each in found) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
