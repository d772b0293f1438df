"""A room's report: figures that name nobody."""

from typing import Annotated

from pydantic import Field

from practio_contracts.fields import Id, LocalDate
from practio_contracts.message import Part, Query
from practio_contracts.rooms.feedback import FeedbackNumbers
from practio_contracts.rooms.notes import NoteKind


class GetReport(Query, key="rooms.get-report.v1"):
    """Show a room in numbers, over the days from ``from`` to ``to``, both included; result: ``ReportResult``.

    Days are those of the room's time zone; null is without end.
    """

    room_id: Id
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: Annotated[LocalDate | None, Field(alias="to")] = None


class Hours(Part):
    """How long something took a number of people, in hours; null if they are fewer than four."""

    people: int
    median: float | None = None
    p90: float | None = None


class MonthNumbers(Part):
    """One month of a report in the room's time zone, written as ``2026-03``; ``came`` and ``left`` count people.

    ``attended`` and ``sessions_recorded`` are as in the whole report; ``attended`` is null also from a release that
    does not tell it by month.
    """

    month: str
    sessions_held: int = 0
    seats_used: int = 0
    came: int = 0
    left: int = 0
    attended: int | None = None
    sessions_recorded: int = 0


MOST_MONTHS = 24
"""The most months of a report: the latest ones."""


class ReportResult(Part):
    """A room in numbers, nobody named.

    ``people_served`` were in the room, ``seats_used`` counts them again for each session that was held; ``capacity`` is
    today's. ``attended`` counts the seats of people who were recorded as present, in the ``sessions_recorded`` for
    which somebody recorded attendance; null if there are none. ``decisions`` took from a request to the first answer to
    it, ``waiting`` from the waitlist to the first seat that was offered or given. ``notes`` are those that are kept, by
    kind. ``months`` are the latest of the period, at most 24, without a gap, from the first in which a session was held
    or somebody came or left.
    """

    room_id: Id
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: Annotated[LocalDate | None, Field(alias="to")] = None
    sessions_held: int
    people_served: int
    seats_used: int
    capacity: int | None
    decisions: Hours
    waiting: Hours
    notes: dict[NoteKind, int] = {}
    feedback: FeedbackNumbers
    months: list[MonthNumbers] = []
    attended: int | None = None
    sessions_recorded: int = 0
