"""Quiet rooms: the signs that are still true when a letter leaves, and which rooms come first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from practio_contracts.rooms import Sign

STEWARDS_AFTER = timedelta(days=14)
"""How long a room has to be quiet until its stewards are written to."""

WRITTEN_ONCE_IN = timedelta(days=14)
"""For how long a host who read of a sign is not written to of the same one, however often it comes and goes."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The signs that a room is quiet, by the newest event, and when the first of them was seen."""

    signs: tuple[Sign, ...]
    since: datetime


def still_seen(quiet: Quiet | None, *, has_coming: bool, pending: int | None, has_host: bool) -> tuple[Sign, ...]:
    """Return the signs that nothing contradicts which is known by now; no event tells that one of several is over."""
    if quiet is None:
        return ()
    over = {
        Sign.NO_COMING_SESSION: has_coming,
        Sign.REQUESTS_UNANSWERED: pending == 0,
        Sign.NO_HOST: has_host,
    }
    return tuple(sign for sign in quiet.signs if not over.get(sign, False))


def care_first(signs: Sequence[str]) -> int:
    """Return by what quiet rooms are sorted, the lowest first: without a host, then with most signs."""
    return -len(signs) - (len(Sign) if Sign.NO_HOST in signs else 0)
