"""A room's report and feedback as pages receive them."""

from collections.abc import Sequence
from typing import Any

from tests.unit.pages.builders import ROOM

from practio_contracts.rooms import FeedbackNumbers, FeedbackResult, Hours, MonthNumbers, NoteKind, ReportResult

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
