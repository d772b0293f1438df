"""Rows that this release cannot read, such as one that a newer release wrote: they stop no other row."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from practio_chassis.telemetry.log import failure, logger

UNREADABLE = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a row may raise because of the row itself; a database's faults are not among them."""

R = TypeVar("R")
V = TypeVar("V")
_log = logger(__name__)


def readable(rows: Mapping[UUID, R], read: Callable[[R], V], unread: set[UUID]) -> dict[UUID, V]:
    """Return what ``read`` makes of each row, by its id; the ids of those that it cannot read join ``unread``."""
    found = {}
    for identity, row in rows.items():
        try:
            found[identity] = read(row)
        except UNREADABLE as error:
            unread.add(identity)
            _log.warning("row not read", id=str(identity), **failure(error))
    return found
