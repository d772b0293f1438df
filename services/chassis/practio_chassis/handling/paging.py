"""Pages of results: the cursor at the end of a page, and the size of a page. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from practio_contracts.answers import FieldError, Refusal

PAGE_BYTES = 200 * 1024
"""The size at which a page ends before its limit: an answer is a message of at most 256 KiB."""

_NO_CURSOR = Refusal(
    code="invalid",
    detail="this page cursor is not valid: use the value of after from the last answer",
    errors=(FieldError(field="after", message="not where a page ended"),),
)

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)


def write_cursor(*place: Any) -> str:
    """Return the cursor for the place where a page ended, for the next query."""
    return urlsafe_b64encode(to_json(place)).decode()


def read_cursor(after: str | None, places: TypeAdapter[T]) -> T | Refusal | None:
    """Return the place in the cursor ``after``, None if it is None, or a refusal if it is not a cursor of ours."""
    try:
        return None if after is None else places.validate_json(urlsafe_b64decode(after.encode()))
    except ValueError:
        return _NO_CURSOR


def fitting(parts: Iterable[P], *, most: int = PAGE_BYTES, least: int = 1) -> Iterator[P]:
    """Yield as many of ``parts``, and at least ``least``, as take no more than ``most`` bytes as JSON."""
    size = 0
    for number, part in enumerate(parts):
        size += len(to_json(part))
        if number >= least and size > most:
            return
        yield part
