"""The figures of a sponsor's report: what an address asks for, bars of a plot, lines of a file. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.rooms import Grouping, ReportedNumbers, ReportedRow, ReportRooms, RoomsReport
from practio_pages.pages.csv_file import csv_lines
from practio_pages.pages.report_figures import HEIGHT, WIDTH, Bar

A_PAGE = 100
"""How many rows a page shows; a file has all."""

COLUMNS = ("rooms", "sessions_held", "people", "attended", "waiting", "notes")
_FILE = ("key", "title", *COLUMNS, "feedback_answers", "feedback_average")


@dataclass(frozen=True, slots=True)
class SponsorReportRequest:
    """The query that an address stands for, its parameters, and the names of those that were not months."""

    query: ReportRooms
    parameters: Mapping[str, str]
    faults: tuple[str, ...] = ()

    @property
    def period(self) -> Mapping[str, str]:
        """Return the parameters of the period."""
        return {name: value for name, value in self.parameters.items() if name in ("from", "to")}

    @property
    def by_month(self) -> ReportRooms:
        """Return the query for the plots: every month of the same period."""
        return self.query.model_copy(update={"by": Grouping.MONTH, "limit": 500, "after": None})


def sponsor_report_request(address: Mapping[str, str], sponsor_id: UUID) -> SponsorReportRequest:
    """Return the query that an address stands for; invalid months, or months in the wrong order, are left out."""
    given = {name: address[name].strip() for name in ("from", "to") if address.get(name, "").strip()}
    days = {name: day for name, text in given.items() if (day := _day(text, is_last=name == "to"))}
    faults = tuple(name for name in given if name not in days)
    if len(days) == 2 and days["to"] < days["from"]:
        faults, days = ("to",), {"from": days["from"]}
    by = Grouping(address["by"]) if address.get("by") in tuple(Grouping) else Grouping.ROOM
    stated = {"sponsor_id": sponsor_id, "by": by, "limit": A_PAGE, **days}
    return SponsorReportRequest(_query(stated, address.get("after")), given | {"by": by.value}, faults)


def _query(stated: Mapping[str, Any], after: str | None) -> ReportRooms:
    """Return the query of a page; of the first one if ``after`` has no form of a cursor."""
    try:
        return ReportRooms.model_validate({**stated, "after": after or None})
    except ValidationError:
        return ReportRooms.model_validate(stated)


def _day(text: str, *, is_last: bool) -> date | None:
    """Return the first or the last day of a month such as ``2026-03``; None if it is none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first.replace(day=monthrange(first.year, first.month)[1]) if is_last else first


def first_day(row: ReportedRow) -> date:
    """Return the first day of the month of a row."""
    return month_of(row.key)


def month_of(text: str) -> date:
    """Return the first day of a month such as ``2026-03``."""
    return date.fromisoformat(f"{text}-01")


def bars(months: Sequence[ReportedRow], name: str) -> list[Bar]:
    """Return the bars of a number of each month; none of a month without it."""
    numbers = [getattr(each, name) or 0 for each in months]
    most = max(numbers, default=0)
    step = WIDTH / max(len(months), 1)
    wide = min(step * 0.72, WIDTH / 10)
    return [
        Bar(
            x=round(place * step + step * 0.1, 1),
            y=round(HEIGHT - HEIGHT * number / most, 1),
            width=round(wide, 1),
            height=round(HEIGHT * number / most, 1),
            number=number,
            series=0,
        )
        for place, number in enumerate(numbers)
        if most
    ]


def report_csv(rows: Iterable[ReportedRow], report: RoomsReport) -> str:
    """Return rows and the report's total as comma-separated values (RFC 4180), with a line of names; null is empty.

    The line of the total has the months that are counted instead of a title.
    """
    total = _line("total", report.months_counted, report.total)
    return csv_lines([_FILE, *(_line(row.key, row.title, row) for row in rows), total])


def _line(key: str, title: str | None, numbers: ReportedNumbers) -> list[str | float | None]:
    feedback = (numbers.feedback.answers, numbers.feedback.average)
    return [key, title, *(getattr(numbers, name) for name in COLUMNS), *feedback]
