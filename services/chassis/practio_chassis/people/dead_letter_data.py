"""What a dead letter may not keep: data about erased people, and addresses that were typed long ago. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.message import echoed_fields
from practio_contracts.people import PersonErased, PersonRestored

TYPED_ADDRESSES_KEPT = timedelta(days=7)
"""How long a dead letter with an address and no person is kept: an erasure cannot find it by the person's id."""

_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAMES = re.compile(
    r"(?:cloudEvents[:_])?(?:actor|subject)|(?:.*_)?(?:person|author|reporter)_id|case_by|present|absent"
)
"""The fields and headers that name the people by or about whom something is; offices of a room are not among them."""


def people_concerned(routing_key: str, body: bytes, headers: Mapping[str, Any]) -> frozenset[UUID]:
    """Return the people by and about whom a dead letter has data; of one that is not JSON, all whose ids it contains.

    An erasure itself, and its end, concern nobody: they are put back to be handled.
    """
    if routing_key in (PersonErased.routing_key, PersonRestored.routing_key):
        return frozenset()
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return frozenset(UUID(found.decode()) for found in _UUID.findall(body))
    return frozenset([*_named_in(content), *_named_in(dict(headers))])


def _named_in(content: Any) -> Iterator[UUID]:
    left = [content]
    while left:
        match left.pop():
            case dict() as fields:
                for name, value in fields.items():
                    if _NAMES.fullmatch(str(name)):
                        values = value if isinstance(value, list) else [value]
                        texts = (each for each in values if isinstance(each, str))
                        yield from (UUID(each) for each in texts if _UUID.fullmatch(each.encode()))
                left += fields.values()
            case list() as values:
                left += values


def states_old_address(routing_key: str, died_at: str, now: datetime) -> bool:
    """Return whether a dead letter states an address that somebody typed, and died too long ago to be of use."""
    model = CATALOGUE.get(routing_key)
    if model is None or not echoed_fields(model):
        return False
    try:
        return now - datetime.fromisoformat(died_at) > TYPED_ADDRESSES_KEPT
    except (ValueError, TypeError):
        return False
