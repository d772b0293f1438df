"""A room's report and feedback as pages receive them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.unit.pages.builders import ROOM

from practio_contracts.rooms import (
    FeedbackNumbers,
    FeedbackResult,
    Grouping,
    Hours,
    MonthNumbers,
    NoteKind,
    RegisteredSponsor,
    ReportedNumbers,
    ReportedRow,
    ReportResult,
    ReportRooms,
    RoomsReport,
    SponsorKind,
)

MONTHS = (
    MonthNumbers(month="2026-03", sessions_held=2, seats_used=12, came=7, attended=9, sessions_recorded=2),
    MonthNumbers(month="2026-04", sessions_held=1, seats_used=6, came=1, left=2),
)


def a_report(*, months: Sequence[MonthNumbers] = MONTHS, **fields: Any) -> ReportResult:
    content = {
        "room_id": ROOM,
        "sessions_held": 3,
        "people_served": 8,
        "seats_used": 18,
        "capacity": 8,
        "decisions": Hours(people=8, median=21.5, p90=60.2),
        "waiting": Hours(people=2),
        "notes": {NoteKind.TOOL: 2},
        "feedback": FeedbackNumbers(answers=4, useful={"5": 3, "2": 1}, average=4.3),
        "months": list(months),
    }
    return ReportResult.model_validate(content | fields)


def some_feedback(**fields: Any) -> FeedbackResult:
    content = {"room_id": ROOM, "answers": 4, "average": 4.3, "comments": ["More <cases>.", "Thank you."]}
    return FeedbackResult.model_validate(content | fields)


A_SPONSOR = RegisteredSponsor(sponsor_id=UUID(int=77), name="Schools of <Lucca>", kind=SponsorKind.ORGANISATION)
_KEYS: dict[Grouping, list[tuple[str, str | None]]] = {
    Grouping.ROOM: [(str(ROOM), "=Cases <together>"), (str(UUID(int=78)), "Triads")],
    Grouping.MONTH: [("2026-03", None), ("2026-04", None)],
    Grouping.FORMAT: [("intervision", None), ("peer-coaching", None)],
}


def a_rooms_report(query: ReportRooms) -> RoomsReport:
    """Return a page of a sponsor's report: the second row has too few people to be shown."""
    feedback = FeedbackNumbers(answers=4, useful={"5": 3, "2": 1}, average=4.3)
    first = ReportedNumbers(rooms=1, sessions_held=3, people=7, attended=16, notes=4, feedback=feedback)
    second = ReportedNumbers(rooms=1, sessions_held=1, feedback=FeedbackNumbers())
    rows = [
        ReportedRow(key=key, title=title, **numbers.model_dump())
        for (key, title), numbers in zip(_KEYS[query.by], (first, second), strict=True)
    ]
    total = ReportedNumbers(rooms=2, sessions_held=4, people=11, attended=20, notes=4, feedback=feedback)
    after = "more" if query.by is Grouping.ROOM and query.limit < 500 and not query.after else None
    return RoomsReport(
        rows=rows, total=total, after=after, months_from="2026-03", months_to="2026-04", sponsor=A_SPONSOR
    )
