"""A person's history in a room: by day, the newest first, with the author of each step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import HAS_OFFICE, HAS_SEAT_ELSEWHERE, Change


class Author(StrEnum):
    """The author of a step, as its reader knows them."""

    YOU = "you"
    PERSON = "person"  # whose history it is, if somebody else reads it
    HOST = "host"
    PEOPLE = "people"  # of the room: facilitators, stewards, and former hosts
    RULES = "rules"  # of the room: a deadline that passed, a place on the waitlist that was reached


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One change and its author."""

    change: Change
    author: Author

    @property
    def is_for_office(self) -> bool:
        """Return whether the person left the seat for an office; the rules give that reason in English."""
        return self.change.reason == HAS_OFFICE

    @property
    def is_for_seat_elsewhere(self) -> bool:
        """Return whether the wait ended by a seat in another room; the rules give that reason in English."""
        return self.change.reason == HAS_SEAT_ELSEWHERE


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """The steps of a day, the newest first; ``at`` is the instant of the newest."""

    at: datetime
    steps: Sequence[HistoryStep]


def history_days(
    changes: Sequence[Change], *, person_id: UUID, host_id: UUID, zone: ZoneInfo, reader_id: UUID | None = None
) -> Sequence[HistoryDay]:
    """Return ``changes`` (oldest first) grouped by the days of ``zone``, the newest first.

    The reader is the person of the history, or else ``reader_id``.
    """
    authors = {str(host_id): Author.HOST, str(person_id): Author.PERSON, SYSTEM: Author.RULES}
    authors[str(reader_id or person_id)] = Author.YOU

    def day(change: Change) -> date:
        return change.at.astimezone(zone).date()

    grouped = (list(those) for _, those in groupby(reversed(changes), key=day))
    return [
        HistoryDay(those[0].at, [HistoryStep(each, authors.get(each.by, Author.PEOPLE)) for each in those])
        for those in grouped
    ]
