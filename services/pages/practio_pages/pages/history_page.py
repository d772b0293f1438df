"""A person's way so far, as it is read: by day, the newest first, and who did each step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import HAS_OFFICE, Change


class Author(StrEnum):
    """By whom a step was made, as its person is told."""

    YOU = "you"
    HOST = "host"
    PEOPLE = "people"  # of the room: facilitators, stewards, and who was host then
    RULES = "rules"  # the room's own: a time that was over, a turn that had come


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and by whom."""

    change: Change
    author: Author

    @property
    def is_for_office(self) -> bool:
        """Say whether the seat was left for an office: a reason that rules give, in English."""
        return self.change.reason == HAS_OFFICE


@dataclass(frozen=True, slots=True)
class Day:
    """The steps of a day, the newest first; ``at`` is the newest's instant."""

    at: datetime
    steps: Sequence[Step]


def days(changes: Sequence[Change], *, person_id: UUID, host_id: UUID, zone: ZoneInfo) -> Sequence[Day]:
    """Give ``changes`` (oldest first) by the days of ``zone``, the newest first."""

    def day(change: Change) -> date:
        return change.at.astimezone(zone).date()

    grouped = (list(those) for _, those in groupby(reversed(changes), key=day))
    return [Day(those[0].at, [Step(each, _author(each, person_id, host_id)) for each in those]) for those in grouped]


def _author(change: Change, person_id: UUID, host_id: UUID) -> Author:
    authors = {str(host_id): Author.HOST, str(person_id): Author.YOU, SYSTEM: Author.RULES}
    return authors.get(change.by, Author.PEOPLE)
