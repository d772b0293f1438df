"""Batches of events between services: one message with many events, in CloudEvents' JSON batch format. Pure.

Source: the CloudEvents specification 1.0.2, JSON format, JSON Batch Format. A batch holds what one service receives of
another, complete, in order; outside systems never see one. ``topology.py`` says how it travels.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic_core import from_json

from practio_contracts.envelope import Unreadable

CONTENT_TYPE = "application/cloudevents-batch+json"

MOST_EVENTS = 100
MOST_BYTES = 200 * 1024
"""The size of a batch; an event that is larger is a batch of its own."""

HEADER_EVENTS = "practio-events"
"""The header with the number of events, for a reader that has not yet parsed them."""

T = TypeVar("T")


def is_batch(content_type: str | None) -> bool:
    """Return whether a content type is that of a batch."""
    return (content_type or "").partition(";")[0].strip().lower() == CONTENT_TYPE


def write(events: Iterable[bytes]) -> bytes:
    """Return the batch of events that are written as structured JSON."""
    return b"[" + b",".join(events) + b"]"


def read(body: bytes) -> list[Any] | Unreadable:
    """Return the events of a batch, parsed and not yet checked."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except (ValueError, RecursionError):
        return Unreadable("the batch is not JSON that can be read")
    return found if isinstance(found, list) else Unreadable("the batch is not a JSON array")


def portions(events: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Yield events, given with their size in bytes, in order and in as few batches as the limits allow."""
    portion: list[T] = []
    size = len(b"[]")
    for event, event_size in events:
        if portion and (len(portion) == MOST_EVENTS or size + event_size > MOST_BYTES):
            yield portion
            portion, size = [], len(b"[]")
        portion.append(event)
        size += event_size + len(b",")
    if portion:
        yield portion
