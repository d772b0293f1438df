"""The report of a room."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support.every_case import every_case

from practio_contracts.rooms import FeedbackNumbers, GetReport, NoteKind, ReportResult, Room, RoomStatus, SessionStatus
from practio_rooms.domain.feedback import RatedSession
from practio_rooms.domain.report import Period, TimelineFigures, hours, month_starts, period_of, report, was_held

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
NOW = START + timedelta(days=60)
WHOLE = Period(datetime(2026, 1, 1, tzinfo=UTC), NOW)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def a_room(**fields: Any) -> Room:
    stated = {"version": 1, "status": RoomStatus.PUBLISHED, "title": "Heads", "time_zone": "Europe/Rome", "capacity": 6}
    return Room.model_validate({"room_id": uuid4(), "host_id": uuid4()} | stated | fields)


def a_session(at: float, *, status: SessionStatus = SessionStatus.SCHEDULED) -> RatedSession:
    return RatedSession(after(at), after(at + 1.5), status)


def a_report(
    figures: TimelineFigures | None = None,
    *,
    held: tuple[RatedSession, ...] = (),
    period: Period = WHOLE,
    attended: tuple[int | None, ...] = (),
) -> ReportResult:
    asked = GetReport(room_id=uuid4())
    counted = figures or TimelineFigures()
    notes = {NoteKind.TOOL: 2}
    more: dict[str, Any] = {"notes": notes, "feedback": FeedbackNumbers(), "attended": attended}
    return report(a_room(), asked, period, held=held, figures=counted, **more)


def test_notes_are_counted_by_every_kind_there_is() -> None:
    assert a_report().notes == dict.fromkeys(NoteKind, 0) | {NoteKind.TOOL: 2}


def test_days_are_those_of_the_rooms_zone_and_both_belong_to_the_period() -> None:
    period = period_of(a_room(), date(2026, 3, 2), date(2026, 3, 29), now=NOW)
    assert period == Period(datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_the_future_is_in_no_period() -> None:
    assert period_of(a_room(), None, NOW.date() + timedelta(days=9), now=NOW).until == NOW


def test_a_period_without_ends_is_all_up_to_now() -> None:
    period = period_of(a_room(time_zone=None), None, None, now=NOW)
    assert (period.holds(NOW), period.holds(NOW - timedelta(seconds=1)), period.holds(None)) == (False, True, False)
    assert period.holds(datetime(1990, 1, 1, tzinfo=UTC))


@every_case(("since", "until"), [(date.min, date.max), (date.max, date.max), (date.min, date.min)])
def test_days_at_the_ends_of_the_calendar_are_days_too(since: date, until: date) -> None:
    assert period_of(a_room(), since, until, now=NOW).until <= NOW


def test_a_session_is_held_once_it_is_over_and_was_not_called_off() -> None:
    period = Period(after(0), after(100))
    meetings = [a_session(10), a_session(10, status=SessionStatus.CANCELLED), a_session(-1), a_session(99.5)]
    assert [was_held(each, period, now=after(100)) for each in meetings] == [True, False, False, False]


def test_people_who_came_before_a_session_and_have_not_left_are_in_it() -> None:
    figures = TimelineFigures(joins={0: 5, 1: 2, 3: 9}, leaves={1: 1, 2: 6})
    shown = a_report(figures, held=(a_session(10), a_session(20), a_session(30)))
    assert (shown.seats_used, [each.seats_used for each in shown.months if each.sessions_held]) == (11, [11])


def test_people_who_came_are_counted_by_month_where_somebody_recorded_it() -> None:
    held = (a_session(10), a_session(20), a_session(24 * 31), a_session(24 * 58))
    shown = a_report(held=held, attended=(3, None, None, 0))
    assert (shown.attended, shown.sessions_recorded) == (3, 2)
    assert [(each.month, each.sessions_held, each.attended, each.sessions_recorded) for each in shown.months] == [
        ("2026-03", 2, 3, 1),
        ("2026-04", 2, 0, 1),
        ("2026-05", 0, None, 0),
    ]
    unrecorded = a_report(held=held)
    assert (unrecorded.attended, {each.attended for each in unrecorded.months}) == (None, {None})


def test_months_begin_by_the_rooms_clock() -> None:
    period = Period(datetime.min.replace(tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    starts = month_starts(a_room(), period)
    assert (len(starts), starts[-2:]) == (
        24,
        [datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)],
    )


def test_the_first_months_of_the_calendar_are_months_too() -> None:
    begin = datetime.min.replace(tzinfo=UTC)
    assert month_starts(a_room(time_zone=None), Period(begin, begin + timedelta(days=1))) == [begin]


def test_what_came_before_the_latest_months_is_in_none_of_them() -> None:
    months = a_report(TimelineFigures(came={0: 7, 24: 1})).months
    assert (len(months), sum(each.came for each in months)) == (24, 1)


@every_case("people", [0, 1, 2, 3])
def test_a_duration_of_fewer_than_four_people_is_omitted(people: int) -> None:
    assert hours(people, 1.0, 2.0).median is None
