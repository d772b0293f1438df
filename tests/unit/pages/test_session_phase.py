"""What the time of a session lets people do."""

from datetime import UTC, datetime, timedelta

from tests.support.every_case import every_case
from tests.unit.pages.builders import a_session

from practio_contracts.rooms import SessionStatus
from practio_pages.pages.session_phase import SessionPhase

START = datetime(2026, 3, 2, 18, tzinfo=UTC)
END = START + timedelta(minutes=90)
ALL = ("takes_answers", "takes_check_ins", "takes_plans", "takes_attendance")


def possible(now: datetime, status: SessionStatus = SessionStatus.SCHEDULED) -> set[str]:
    times = SessionPhase(a_session(starts_at=START, ends_at=END, status=status), now)
    return {each for each in ALL if getattr(times, each)}


@every_case(
    ("now", "expected"),
    [
        (START - timedelta(days=9), {"takes_answers", "takes_plans"}),
        (START - timedelta(minutes=30, seconds=1), {"takes_answers", "takes_plans"}),
        (START - timedelta(minutes=30), {"takes_answers", "takes_plans", "takes_check_ins"}),
        (START, {"takes_check_ins", "takes_plans", "takes_attendance"}),
        (END - timedelta(seconds=1), {"takes_check_ins", "takes_plans", "takes_attendance"}),
        (END, {"takes_attendance"}),
        (END + timedelta(days=30), {"takes_attendance"}),
        (END + timedelta(days=30, seconds=1), set()),
    ],
)
def test_what_is_possible_when(now: datetime, expected: set[str]) -> None:
    assert possible(now) == expected


def test_nothing_is_possible_in_a_session_that_was_called_off() -> None:
    for now in (START - timedelta(days=1), START, END):
        assert possible(now, SessionStatus.CANCELLED) == set()
