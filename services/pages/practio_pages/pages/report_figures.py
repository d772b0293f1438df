"""The figures of a room's report: the period that an address names, bars of a plot, lines of files. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.rooms import FeedbackNumbers, FeedbackResult, GetFeedback, GetReport, MonthNumbers, Session
from practio_pages.ids import id_in
from practio_pages.pages.csv_file import csv_lines

WIDTH, HEIGHT = 600, 150
"""The size of a plot."""

COLUMNS = ("month", "sessions_held", "seats_used", "came", "left", "attended", "sessions_recorded")
"""The columns of the file of months; new ones come last, since spreadsheets count them."""

FEEDBACK_COLUMNS = ("useful", "answers", "comment", "sessions", "comments_left_out")
"""The columns of the file of feedback; new ones come last."""

_ALL = "all"
"""What stands for all sessions of the room in that file."""

GRADES = ("5", "4", "3", "2", "1")
"""How useful a session was, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class RoomReportRequest:
    """The queries that an address stands for, and the names of its parameters that were not days."""

    query: GetReport
    feedback: GetFeedback
    parameters: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot; ``number`` is what it shows."""

    x: float
    y: float
    width: float
    height: float
    number: int
    series: int


def room_report_request(address: Mapping[str, str], room_id: UUID) -> RoomReportRequest:
    """Return the queries that an address stands for; invalid days, or days in the wrong order, are left out."""
    given = {name: address[name].strip() for name in ("from", "to") if address.get(name, "").strip()}
    faults = tuple(name for name in given if not _is_day(given[name], room_id))
    days = {name: day for name, day in given.items() if name not in faults}
    if len(days) == 2 and date.fromisoformat(days["to"]) < date.fromisoformat(days["from"]):
        faults, days = ("to",), {"from": days["from"]}
    session_id = id_in(address.get("session", ""))
    given |= {"session": str(session_id)} if session_id else {}
    feedback = GetFeedback(room_id=room_id, session_id=session_id)
    return RoomReportRequest(GetReport.model_validate({"room_id": room_id} | days), feedback, given, faults)


def bars(months: Sequence[MonthNumbers], names: Sequence[str]) -> list[Bar]:
    """Return the bars of some of the numbers of each month, side by side, all on one scale."""
    numbers = [[int(getattr(each, name)) for name in names] for each in months]
    most = max((number for each in numbers for number in each), default=0)
    if not most:
        return []
    step = WIDTH / len(months)
    wide = min(step * 0.8, WIDTH / 10) / len(names)
    return [
        Bar(
            x=round(place * step + step * 0.1 + series * wide, 1),
            y=round(HEIGHT - HEIGHT * number / most, 1),
            width=round(wide * 0.9, 1),
            height=round(HEIGHT * number / most, 1),
            number=number,
            series=series,
        )
        for place, each in enumerate(numbers)
        for series, number in enumerate(each)
    ]


def first_day(month: MonthNumbers) -> date:
    """Return the first day of a month."""
    return date.fromisoformat(f"{month.month}-01")


def months_csv(months: Sequence[MonthNumbers]) -> str:
    """Return the months as comma-separated values (RFC 4180), with a line of the columns' names; null is empty."""
    return csv_lines([COLUMNS, *([getattr(each, name) for name in COLUMNS] for each in months)])


def feedback_csv(
    asked: RoomReportRequest, numbers: FeedbackNumbers, feedback: FeedbackResult, session: Session | None
) -> str:
    """Return released feedback as comma-separated values: a line for each grade, if any is released, and comment.

    Each states the sessions that it is about: the grades those of the period that was ``asked`` for, unless all is
    about one ``session``. The last line says how many comments are left out, if any are.
    """
    only = _instant(session) if asked.feedback.session_id else None
    period, about = only or _period(asked.query), only or _ALL
    grades = [(grade, numbers.useful.get(grade, 0), None, period, None) for grade in GRADES] if numbers.answers else []
    comments = [(None, None, comment, about, None) for comment in feedback.comments]
    left_out = [(None, None, None, about, feedback.comments_left_out)] if feedback.comments_left_out else []
    return csv_lines([FEEDBACK_COLUMNS, *grades, *comments, *left_out])


def _instant(session: Session | None) -> str:
    """Return when a session began, in UTC; a word for one that is not at hand."""
    return session.starts_at.isoformat().replace("+00:00", "Z") if session else "one"


def _period(asked: GetReport) -> str:
    """Return the days of a report as an interval of ISO 8601, in which two dots are no end."""
    if asked.since is None and asked.until is None:
        return _ALL
    return f"{asked.since or '..'}/{asked.until or '..'}"


def _is_day(text: str, room_id: UUID) -> bool:
    try:
        GetReport.model_validate({"room_id": room_id, "from": text})
    except ValidationError:
        return False
    return True
