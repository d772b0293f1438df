"""The report of a room."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from practio_contracts.rooms import FeedbackNumbers, GetReport, NoteKind, ReportResult, Room, RoomStatus, SessionStatus
from practio_rooms.domain.feedback import SessionTimes
from practio_rooms.domain.report import MembershipTimeline, Period, hours, period_of, report, was_held

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
NOW = START + timedelta(days=60)
WHOLE = Period(datetime(2026, 1, 1, tzinfo=UTC), NOW)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def a_room(**fields: Any) -> Room:
    stated = {"version": 1, "status": RoomStatus.PUBLISHED, "title": "Heads", "time_zone": "Europe/Rome", "capacity": 6}
    return Room.model_validate({"room_id": uuid4(), "host_id": uuid4()} | stated | fields)


def a_timeline(person: UUID | None = None, **steps: float) -> MembershipTimeline:
    """Return one person's timeline; steps are in hours after the start."""
    return MembershipTimeline(person_id=person or uuid4(), **{name: after(at) for name, at in steps.items()})


def a_session(at: float, *, status: SessionStatus = SessionStatus.SCHEDULED) -> SessionTimes:
    return SessionTimes(after(at), after(at + 1.5), status)


def a_report(
    *passages: MembershipTimeline, held: tuple[SessionTimes, ...] = (), period: Period = WHOLE, room: Room | None = None
) -> ReportResult:
    asked = GetReport(room_id=uuid4())
    return report(
        room or a_room(),
        asked,
        period,
        held=held,
        timelines=passages,
        notes={NoteKind.TOOL: 2},
        feedback=FeedbackNumbers(),
    )


def test_seats_are_counted_again_for_each_session() -> None:
    stays = [a_timeline(joined_at=0), a_timeline(joined_at=0, left_at=30), a_timeline(joined_at=40), a_timeline()]
    shown = a_report(*stays, held=(a_session(10), a_session(50)))
    assert (shown.sessions_held, shown.seats_used, shown.people_served, shown.capacity) == (2, 4, 3, 6)


def test_notes_are_counted_by_every_kind_there_is() -> None:
    assert a_report().notes == dict.fromkeys(NoteKind, 0) | {NoteKind.TOOL: 2}


def test_a_person_who_came_twice_is_one_person_served() -> None:
    person = uuid4()
    shown = a_report(a_timeline(person, joined_at=0, left_at=5), a_timeline(person, joined_at=20))
    assert shown.people_served == 1


def test_people_count_in_every_period_in_which_they_were_in_the_room() -> None:
    stay = a_timeline(joined_at=0, left_at=50)
    served = [
        a_report(stay, period=Period(after(since), after(until))).people_served
        for since, until in ((-20, 0), (-20, 1), (20, 30), (49, 60), (50, 60))
    ]
    assert served == [0, 1, 1, 1, 0]


def test_a_decision_is_the_first_answer_to_a_request_of_any_kind() -> None:
    shown = a_report(
        a_timeline(requested_at=0, joined_at=4),
        a_timeline(requested_at=0, waitlisted_at=8, offered_at=90, joined_at=100),
        a_timeline(requested_at=0, declined_at=12),
        a_timeline(requested_at=0, waitlisted_at=16, left_at=20),
        a_timeline(requested_at=0, left_at=500),
        a_timeline(waitlisted_at=3, joined_at=700),
    )
    assert (shown.decisions.people, shown.decisions.median, shown.decisions.p90) == (4, 10.0, 14.8)


def test_waiting_lasts_until_the_first_seat_that_is_offered_or_given() -> None:
    shown = a_report(
        a_timeline(waitlisted_at=0, offered_at=10, joined_at=12),
        a_timeline(waitlisted_at=0, joined_at=20),
        a_timeline(waitlisted_at=0, offered_at=30, left_at=31),
        a_timeline(waitlisted_at=0, offered_at=40),
        a_timeline(waitlisted_at=0, left_at=90),
        a_timeline(joined_at=1),
    )
    assert (shown.waiting.people, shown.waiting.median, shown.waiting.p90) == (4, 25.0, 37.0)


def test_times_are_counted_in_the_period_in_which_they_ended() -> None:
    waits = [a_timeline(waitlisted_at=0, offered_at=at) for at in (10, 20, 30, 40, 50)]
    assert a_report(*waits, period=Period(after(15), after(50))).waiting.people == 3


@pytest.mark.parametrize("people", [0, 1, 2, 3])
def test_times_of_fewer_than_four_people_are_omitted(people: int) -> None:
    shown = a_report(*(a_timeline(requested_at=0, waitlisted_at=5, joined_at=9) for _ in range(people)))
    for figure in (shown.decisions, shown.waiting):
        assert (figure.people, figure.median, figure.p90) == (people, None, None)


def test_one_person_who_asked_many_times_is_one_person() -> None:
    person = uuid4()
    figure = hours((person, after(0), after(at)) for at in (1, 2, 3, 4, 5))
    assert (figure.people, figure.median) == (1, None)


def test_clocks_that_disagree_make_no_time_negative() -> None:
    assert hours((uuid4(), after(1), after(0)) for _ in range(4)).median == 0


def test_days_are_those_of_the_rooms_zone_and_both_belong_to_the_period() -> None:
    period = period_of(a_room(), date(2026, 3, 2), date(2026, 3, 29), now=NOW)
    assert period == Period(datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_the_future_is_in_no_period() -> None:
    assert period_of(a_room(), None, NOW.date() + timedelta(days=9), now=NOW).until == NOW


def test_a_period_without_ends_is_all_up_to_now() -> None:
    period = period_of(a_room(time_zone=None), None, None, now=NOW)
    assert (period.holds(NOW), period.holds(NOW - timedelta(seconds=1)), period.holds(None)) == (False, True, False)
    assert period.holds(datetime(1990, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("since", "until"), [(date.min, date.max), (date.max, date.max), (date.min, date.min)])
def test_days_at_the_ends_of_the_calendar_are_days_too(since: date, until: date) -> None:
    assert period_of(a_room(), since, until, now=NOW).until <= NOW


def test_a_session_is_held_once_it_is_over_and_was_not_called_off() -> None:
    period = Period(after(0), after(100))
    meetings = [a_session(10), a_session(10, status=SessionStatus.CANCELLED), a_session(-1), a_session(99.5)]
    assert [was_held(each, period, now=after(100)) for each in meetings] == [True, False, False, False]


def test_months_have_no_gap_and_are_those_of_the_rooms_clock() -> None:
    edge = (datetime(2026, 3, 31, 22, 30, tzinfo=UTC) - START) / timedelta(hours=1)  # in Rome, April has begun
    stays = [a_timeline(joined_at=0), a_timeline(joined_at=0, left_at=edge), a_timeline(requested_at=0, left_at=9)]
    shown = a_report(*stays, held=(a_session(24), a_session(48)))
    figures = [(each.month, each.sessions_held, each.seats_used, each.came, each.left) for each in shown.months]
    assert figures == [("2026-03", 2, 4, 2, 0), ("2026-04", 0, 0, 0, 1), ("2026-05", 0, 0, 0, 0)]


def test_a_period_without_anything_has_no_months() -> None:
    assert a_report(a_timeline(joined_at=0), period=Period(after(1), after(50))).months == []


def test_of_many_months_the_latest_are_shown() -> None:
    shown = a_report(a_timeline(joined_at=0), period=Period(after(-1), after(24 * 365 * 4)))
    assert (len(shown.months), shown.months[-1].month) == (24, "2030-03")
