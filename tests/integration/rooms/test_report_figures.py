"""What a report counts of the memberships of a room, by PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue
from tests.unit.rooms.test_report import START, WHOLE, a_room, a_session, after

from practio_chassis.database.engine import session_maker
from practio_contracts.rooms import FeedbackNumbers, GetReport, Hours, ReportResult
from practio_rooms.domain.feedback import RatedSession
from practio_rooms.domain.report import Period, month_starts, report
from practio_rooms.queries.timeline_figures import timeline_figures
from practio_rooms.tables import TimelineRow

Timeline = dict[str, Any]


def a_timeline(person: UUID | None = None, **steps: float) -> Timeline:
    """Return one person's timeline; steps are in hours after the start."""
    return {"person_id": person or uuid4(), **{name: after(at) for name, at in steps.items()}}


async def a_report(
    catalogue: Catalogue, *timelines: Timeline, held: tuple[RatedSession, ...] = (), period: Period = WHOLE
) -> ReportResult:
    """Return the report of a room with these memberships."""
    room = a_room()
    async with session_maker(catalogue.pool)() as session:
        session.add_all(TimelineRow(membership_id=uuid4(), room_id=room.room_id, **each) for each in timelines)
        await session.flush()
        starts = [each.starts_at for each in held]
        months = month_starts(room, period)
        figures = await timeline_figures(session, room.room_id, period, months=months, sessions=starts)
    asked = GetReport(room_id=room.room_id)
    return report(room, asked, period, held=held, figures=figures, notes={}, feedback=FeedbackNumbers())


async def decisions(catalogue: Catalogue, *timelines: Timeline) -> Hours:
    return (await a_report(catalogue, *timelines)).decisions


async def test_seats_are_counted_again_for_each_session(catalogue: Catalogue) -> None:
    stays = [a_timeline(joined_at=0), a_timeline(joined_at=0, left_at=30), a_timeline(joined_at=40), a_timeline()]
    shown = await a_report(catalogue, *stays, held=(a_session(10), a_session(50)))
    assert (shown.sessions_held, shown.seats_used, shown.people_served, shown.capacity) == (2, 4, 3, 6)


async def test_people_who_come_or_go_as_a_session_begins_came_or_went_before_it(catalogue: Catalogue) -> None:
    stays = [a_timeline(joined_at=10), a_timeline(joined_at=0, left_at=50), a_timeline(joined_at=10.001)]
    months = (await a_report(catalogue, *stays, held=(a_session(10), a_session(50)))).months
    assert [each.seats_used for each in months if each.sessions_held] == [2 + 2]


async def test_people_who_leave_the_waitlist_leave_no_seat(catalogue: Catalogue) -> None:
    waited = a_timeline(requested_at=0, waitlisted_at=1, left_at=9)
    assert sum(each.left for each in (await a_report(catalogue, waited, a_timeline(joined_at=0))).months) == 0


async def test_a_person_who_came_twice_is_one_person_served(catalogue: Catalogue) -> None:
    person = uuid4()
    shown = await a_report(catalogue, a_timeline(person, joined_at=0, left_at=5), a_timeline(person, joined_at=20))
    assert shown.people_served == 1


async def test_people_count_in_every_period_in_which_they_were_in_the_room(catalogue: Catalogue) -> None:
    stay = a_timeline(joined_at=0, left_at=50)
    served = [
        (await a_report(catalogue, stay, period=Period(after(since), after(until)))).people_served
        for since, until in ((-20, 0), (-20, 1), (20, 30), (49, 60), (50, 60))
    ]
    assert served == [0, 1, 1, 1, 0]


async def test_a_decision_is_the_first_answer_to_a_request_of_any_kind(catalogue: Catalogue) -> None:
    shown = await a_report(
        catalogue,
        a_timeline(requested_at=0, joined_at=4),
        a_timeline(requested_at=0, waitlisted_at=8, offered_at=90, joined_at=100),
        a_timeline(requested_at=0, declined_at=12),
        a_timeline(requested_at=0, waitlisted_at=16, left_at=20),
        a_timeline(requested_at=0, left_at=500),
        a_timeline(waitlisted_at=3, joined_at=700),
    )
    assert (shown.decisions.people, shown.decisions.median, shown.decisions.p90) == (4, 10.0, 14.8)


async def test_waiting_lasts_until_the_first_seat_that_is_offered_or_given(catalogue: Catalogue) -> None:
    shown = await a_report(
        catalogue,
        a_timeline(waitlisted_at=0, offered_at=10, joined_at=12),
        a_timeline(waitlisted_at=0, joined_at=20),
        a_timeline(waitlisted_at=0, offered_at=30, left_at=31),
        a_timeline(waitlisted_at=0, offered_at=40),
        a_timeline(waitlisted_at=0, left_at=90),
        a_timeline(joined_at=1),
    )
    assert (shown.waiting.people, shown.waiting.median, shown.waiting.p90) == (4, 25.0, 37.0)


async def test_times_are_counted_in_the_period_in_which_they_ended(catalogue: Catalogue) -> None:
    waits = [a_timeline(waitlisted_at=0, offered_at=at) for at in (10, 20, 30, 40, 50)]
    assert (await a_report(catalogue, *waits, period=Period(after(15), after(50)))).waiting.people == 3


@pytest.mark.parametrize("people", [0, 1, 2, 3])
async def test_times_of_fewer_than_four_people_are_omitted(catalogue: Catalogue, people: int) -> None:
    shown = await a_report(
        catalogue, *(a_timeline(requested_at=0, waitlisted_at=5, joined_at=9) for _ in range(people))
    )
    for figure in (shown.decisions, shown.waiting):
        assert (figure.people, figure.median, figure.p90) == (people, None, None)


async def test_one_person_who_asked_many_times_is_one_person(catalogue: Catalogue) -> None:
    person = uuid4()
    asked = [a_timeline(person, requested_at=0, waitlisted_at=at) for at in (1, 2, 3, 4, 5)]
    figure = await decisions(catalogue, *asked)
    assert (figure.people, figure.median) == (1, None)


async def test_clocks_that_disagree_make_no_time_negative(catalogue: Catalogue) -> None:
    asked = [a_timeline(requested_at=1, joined_at=0) for _ in range(4)]
    assert (await decisions(catalogue, *asked)).median == 0


async def test_months_have_no_gap_and_are_those_of_the_rooms_clock(catalogue: Catalogue) -> None:
    edge = (datetime(2026, 3, 31, 22, 30, tzinfo=UTC) - START) / timedelta(hours=1)  # in Rome, April has begun
    stays = [a_timeline(joined_at=0), a_timeline(joined_at=0, left_at=edge), a_timeline(requested_at=0, left_at=9)]
    shown = await a_report(catalogue, *stays, held=(a_session(24), a_session(48)))
    figures = [(each.month, each.sessions_held, each.seats_used, each.came, each.left) for each in shown.months]
    assert figures == [("2026-03", 2, 4, 2, 0), ("2026-04", 0, 0, 0, 1), ("2026-05", 0, 0, 0, 0)]


async def test_a_period_without_anything_has_no_months(catalogue: Catalogue) -> None:
    assert (await a_report(catalogue, a_timeline(joined_at=0), period=Period(after(1), after(50)))).months == []


async def test_of_many_months_the_latest_are_shown(catalogue: Catalogue) -> None:
    shown = await a_report(catalogue, a_timeline(joined_at=0), period=Period(after(-1), after(24 * 365 * 4)))
    assert (len(shown.months), shown.months[-1].month) == (24, "2030-03")
