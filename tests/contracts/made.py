"""Messages with every field set, made from the models themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import Envelope
from practio_contracts.message import Message


@cache
def a_message(key: str) -> Message:
    """Return a message of the catalogue with every field set, made once for all tests."""
    from tests.contracts.factories import factory_of  # its library takes long to load, and not each worker needs it

    made: Message = factory_of(CATALOGUE[key]).build()
    return made


def in_envelope(message: Message) -> Envelope:
    """Return an envelope with every attribute around ``message``."""
    person_id = getattr(message, "person_id", None)
    return Envelope(
        id=uuid4(),
        source="/practio/membership",
        type=message.type_name(),
        time=datetime(2026, 3, 1, 18, 0, 0, 250_000, tzinfo=UTC),
        subject=str(person_id or uuid4()),
        dataschema=f"urn:practio:schema:{message.routing_key}",
        actor=uuid4(),
        correlationid=str(uuid4()),
        causationid=str(uuid4()),
        sequence="7",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=message,
    )


def values_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each field with its value, at any depth."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield name, below
            yield from values_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from values_in(below)
