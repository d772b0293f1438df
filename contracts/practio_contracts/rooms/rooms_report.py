"""The report over many rooms: those of a sponsor, of a steward, or named by their ids."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from practio_contracts.fields import PRIVATE, Cursor, Id, LocalDate, LongPage
from practio_contracts.message import Event, Part, Query
from practio_contracts.rooms.feedback import FeedbackNumbers
from practio_contracts.rooms.sponsors import RegisteredSponsor

MOST_REPORTED = 500


class Grouping(StrEnum):
    """What a row of a report over many rooms is about."""

    ROOM = "room"
    MONTH = "month"
    FORMAT = "format"


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


RoomIds = Annotated[list[Id], Field(min_length=1, max_length=MOST_REPORTED), AfterValidator(_each_once)]


class ReportRooms(Query, key="rooms.report-rooms.v1"):
    """Show many rooms in numbers: exactly one of ``sponsor_id``, ``steward_id``, ``room_ids``; result: ``RoomsReport``.

    ``from`` and ``to`` are days, both included, and null is without end. Months are counted that lie in between as a
    whole and are fixed: two days after their end, once and for all.
    """

    sponsor_id: Id | None = None
    steward_id: Id | None = None
    room_ids: RoomIds | None = None
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: Annotated[LocalDate | None, Field(alias="to")] = None
    by: Grouping
    limit: LongPage = 500
    after: Cursor | None = None


class ReportedNumbers(Part):
    """What a number of rooms gave their people.

    ``people`` were in the rooms, ``attended`` counts the seats of those recorded as present, and ``waiting`` the people
    who waited for a seat until one was offered or given: all in lots of four people or more, null without one.
    ``notes`` are those recorded and kept that are not confidential. ``feedback`` is what was released in the months.
    """

    rooms: int = 0
    sessions_held: int = 0
    people: int | None = None
    attended: int | None = None
    waiting: int | None = None
    notes: int = 0
    feedback: FeedbackNumbers


class ReportedRow(ReportedNumbers):
    """The numbers of one room (``key`` is its id), of one month (as ``2026-03``), or of one format."""

    key: str
    title: str | None = None


class SponsorReported(Event, key="rooms.sponsor-reported.v1"):
    """The last month is fixed in all rooms of a sponsor; published once, for services alone. ``month``: ``2026-03``."""

    sponsor_id: Id
    month: str
    numbers: Annotated[ReportedNumbers | None, PRIVATE] = None


class RoomsReport(Part):
    """A page of a report over many rooms; ``after`` is null on the last page.

    ``total`` is that of all pages. It may have lots that no row has: of people in several rooms, each with too few.
    ``months_from`` and ``months_to`` are the first and the last month that are fixed and counted, as ``2026-03``.
    ``sponsor`` is given in a sponsor's report.
    """

    rows: list[ReportedRow]
    total: ReportedNumbers
    after: str | None = None
    months_from: str | None = None
    months_to: str | None = None
    sponsor: RegisteredSponsor | None = None

    @property
    def months_counted(self) -> str:
        """Return the months that are counted, as ``2026-01/2026-03`` (ISO 8601); empty without any."""
        return f"{self.months_from}/{self.months_to}" if self.months_to else ""
