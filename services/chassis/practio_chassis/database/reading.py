"""Rows that this release cannot read, such as one that a newer release wrote: they stop no other row."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from practio_chassis.telemetry.log import failure, logger
from practio_chassis.telemetry.metrics import SET_ASIDE

UNREADABLE = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a row may raise because of the row itself; a database's faults are not among them."""

_COUNTED_SECONDS = 1200.0
"""How long a row counts that was not read: what is set aside is looked at again every ten minutes."""

_MOST_COUNTED = 10_000
"""How many rows are counted at most."""

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
V = TypeVar("V")
_log = logger(__name__)


class _Unread:
    """The rows that were not read lately, each with the time at which it was met last; the newest if there are many."""

    def __init__(self) -> None:
        self._met_at: dict[tuple[str, Hashable], float] = {}

    def add(self, table: str, identity: Hashable) -> None:
        """Remember a row."""
        self._met_at.pop((table, identity), None)
        self._met_at[table, identity] = time.monotonic()
        if len(self._met_at) > _MOST_COUNTED:
            del self._met_at[next(iter(self._met_at))]

    def by_table(self) -> Counter[str]:
        """Return how many rows of each table were met in the last 20 minutes: none of a table that had some before."""
        since = time.monotonic() - _COUNTED_SECONDS
        found = Counter[str](dict.fromkeys((table for table, _ in self._met_at), 0))
        self._met_at = {key: met_at for key, met_at in self._met_at.items() if met_at >= since}
        found.update(table for table, _ in self._met_at)
        return found


_unread = _Unread()


def readable(rows: Mapping[K, R], read: Callable[[R], V], unread: set[K], *, table: str) -> dict[K, V]:
    """Return what ``read`` makes of each row of a table, by its id.

    Those that it cannot read are logged, and counted in ``practio_set_aside_rows``; their ids join ``unread``.
    """
    found = {}
    for identity, row in rows.items():
        try:
            found[identity] = read(row)
        except UNREADABLE as error:
            unread.add(identity)
            note_unread(table, identity, error)
    return found


def note_unread(table: str, identity: Hashable, error: Exception) -> None:
    """Log that a row is not read, and why, and count it."""
    _unread.add(table, identity)
    _log.warning("row not read", table=table, id=str(identity), **failure(error))


def count_unread() -> None:
    """Show how many rows of each table were not read in the last 20 minutes."""
    for table, number in _unread.by_table().items():
        SET_ASIDE.labels(table).set(number)
