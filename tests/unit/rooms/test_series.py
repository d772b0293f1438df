"""Series: 12 weeks of dates, topped up, each date to be moved or called off without the others."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case
from tests.support.thorough import examples
from tests.unit.rooms.builders import NOW
from tests.unit.rooms.session_history import SessionHistory, a_series, a_session, changed_sessions, code, local

from practio_contracts.rooms import ScheduleSession, Session, SessionCancelled, SessionStatus
from practio_rooms.domain.agenda import AgendaChanges
from practio_rooms.domain.recurrence import wall_clock
from practio_rooms.domain.series import HORIZON, next_top_up


def a_history_with(series: ScheduleSession) -> tuple[SessionHistory, list[Session]]:
    """Return a history with a series, and its sessions in order."""
    history = SessionHistory.of()
    return history, changed_sessions(history.schedule(series))


def at(session: Session) -> str:
    """Return when a session starts by the clock of its zone."""
    return wall_clock(session.starts_at, session.time_zone).isoformat(timespec="minutes")


def each_day(history: SessionHistory, series: ScheduleSession, days: int) -> Iterator[list[Session]]:
    """Let days go by, each with a top-up; yield the sessions that it planned."""
    for _ in range(days):
        history.pass_time(days=1)
        yield changed_sessions(history.top_up(series.session_id))


def test_a_series_is_planned_for_12_weeks_the_first_date_under_the_id_that_was_given() -> None:
    series = a_series("FREQ=DAILY", topic="Cases")
    _, sessions = a_history_with(series)
    assert sessions[0].session_id == series.session_id
    assert {each.series_id for each in sessions} == {series.session_id}
    assert {each.topic for each in sessions} == {"Cases"}
    assert len({each.session_id for each in sessions}) == len(sessions) == 78
    assert NOW + HORIZON - timedelta(days=1) < sessions[-1].starts_at <= NOW + HORIZON


def test_the_command_for_a_series_again_changes_nothing() -> None:
    series = a_series()
    history, _ = a_history_with(series)
    assert history.schedule(series) == AgendaChanges()
    assert code(history.schedule(a_series("FREQ=DAILY", session_id=series.session_id))) == "id-taken"


@every_case("rrule", ["FREQ=YEARLY", "FREQ=DAILY;UNTIL=20260301", "nothing"])
def test_a_bad_rule_is_refused_by_its_field(rrule: str) -> None:
    refused = SessionHistory.of().schedule(a_series(rrule))
    assert not isinstance(refused, AgendaChanges)
    assert (refused.code, refused.errors[0].field) == ("bad-recurrence", "recurrence.rrule")


def test_the_first_date_is_the_first_that_the_rule_gives_and_does_not_rest() -> None:
    monday = a_series("FREQ=WEEKLY;BYDAY=MO;COUNT=3", except_dates=("2026-03-09",), starts_at="2026-03-03T18:00")
    _, sessions = a_history_with(monday)
    assert [at(each) for each in sessions] == ["2026-03-16T18:00", "2026-03-23T18:00"]
    assert sessions[0].session_id == monday.session_id


def test_a_series_that_begins_beyond_the_horizon_has_its_first_date_already() -> None:
    series = a_series("FREQ=WEEKLY", starts_at=local(120))
    history, sessions = a_history_with(series)
    assert [each.session_id for each in sessions] == [series.session_id]
    [state] = history.agenda.series.values()
    assert next_top_up(state, now=NOW) == sessions[0].starts_at + timedelta(weeks=1) - HORIZON


def test_a_series_goes_on_by_wall_clock_across_daylight_saving() -> None:
    _, sessions = a_history_with(a_series("FREQ=WEEKLY"))
    assert {at(each)[-5:] for each in sessions} == {"18:00"}
    assert {each.starts_at.hour for each in sessions} == {16, 17}


def test_daily_topping_up_makes_each_date_once() -> None:
    series = a_series("FREQ=WEEKLY;COUNT=20")
    history, sessions = a_history_with(series)
    for planned in each_day(history, series, 70):
        assert len(planned) <= 1
        sessions += planned
        assert changed_sessions(history.top_up(series.session_id)) == []
    assert len(sessions) == len({each.session_id for each in sessions}) == 20
    assert {later.starts_at - earlier.starts_at for earlier, later in pairwise(sessions)} <= {
        timedelta(weeks=1), timedelta(weeks=1, hours=-1),
    }  # fmt: skip
    [state] = history.agenda.series.values()
    assert next_top_up(state, now=history.now) is None


def test_topping_up_after_a_long_pause_plans_nothing_into_the_past() -> None:
    series = a_series("FREQ=DAILY")
    history, sessions = a_history_with(series)
    history.pass_time(weeks=15)
    planned = changed_sessions(history.top_up(series.session_id))
    assert planned[0].starts_at > history.now
    assert planned[0].starts_at - sessions[-1].starts_at > timedelta(days=14)
    assert len(planned) == 84


def test_topping_up_stops_at_200_and_goes_on_when_there_is_room() -> None:
    series = a_series("FREQ=DAILY")
    history, sessions = a_history_with(series)
    for day in range(200 - len(sessions)):
        history.schedule(a_session(starts_at=local(100 + day)))
    assert [planned for planned in each_day(history, series, 5) if planned] == []
    history.cancel(sessions[20].session_id)
    history.cancel(sessions[30].session_id)
    two = changed_sessions(history.top_up(series.session_id))
    assert [each.starts_at - sessions[-1].starts_at for each in two] == [timedelta(days=1), timedelta(days=2)]
    assert changed_sessions(history.top_up(series.session_id)) == []


def test_one_date_is_moved_and_one_cancelled_without_the_others_and_neither_comes_back() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    history.reschedule(sessions[2].session_id, local(23, hour=9))
    history.cancel(sessions[4].session_id)
    before = dict(history.agenda.sessions)
    for planned in each_day(history, series, 40):
        assert not {each.session_id for each in planned} & before.keys()
    assert history.session(sessions[2].session_id).revision == 1
    assert history.session(sessions[4].session_id).status is SessionStatus.CANCELLED
    assert {identity: history.agenda.sessions[identity] for identity in before} == before


def test_existing_dates_are_not_planned_twice() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    [state] = history.agenda.series.values()
    changed = replace(state, planned_until=state.planned_until - timedelta(weeks=6))
    history.agenda = history.agenda.apply(AgendaChanges(series=(changed,)))
    assert changed_sessions(history.top_up(series.session_id)) == []
    assert len(history.upcoming()) == len(sessions)


def test_moving_all_that_follow_moves_planned_and_later_dates() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    moved = changed_sessions(
        history.reschedule(sessions[3].session_id, local(29, hour=20), scope="following", duration_minutes=30)
    )
    assert [each.session_id for each in moved] == [each.session_id for each in sessions[3:]]
    assert {at(each)[-5:] for each in moved} == {"20:00"}
    assert {each.starts_at.weekday() for each in moved} == {0}
    assert {each.starts_at.weekday() for each in history.upcoming()[:3]} == {6}
    further = [each for planned in each_day(history, series, 30) for each in planned]
    assert further
    for each in further:
        assert (at(each)[-5:], each.starts_at.weekday(), each.ends_at - each.starts_at) == (
            "20:00",
            0,
            timedelta(minutes=30),
        )


@every_case("days", [-3, 3])
def test_dates_that_will_be_held_at_another_time_are_planned_12_weeks_ahead_of_that(days: int) -> None:
    series = a_series("FREQ=DAILY")
    history, sessions = a_history_with(series)
    history.reschedule(sessions[9].session_id, local(16 + days), scope="following")
    for _ in each_day(history, series, 5):
        pass
    assert timedelta(days=-1) < history.upcoming()[-1].starts_at - (history.now + HORIZON) <= timedelta()


def test_a_series_is_topped_up_daily_or_later_if_its_next_date_comes_later() -> None:
    due = []
    for rrule in ("FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=6"):
        history, sessions = a_history_with(a_series(rrule))
        due += [next_top_up(state, now=NOW) for state in history.agenda.series.values()]
    assert due == [NOW + timedelta(days=1), sessions[-1].starts_at + timedelta(weeks=6) - HORIZON]


def test_moving_all_that_follow_leaves_dates_moved_on_their_own_and_cancelled_ones() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    history.reschedule(sessions[5].session_id, local(43, hour=9))
    history.cancel(sessions[6].session_id)
    moved = changed_sessions(history.reschedule(sessions[4].session_id, local(35, hour=20), scope="following"))
    ids = [each.session_id for each in moved]
    assert ids == [each.session_id for number, each in enumerate(sessions) if number >= 4 and number not in (5, 6)]


def test_a_date_moved_on_its_own_leads_all_that_follow_if_it_is_named() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    history.reschedule(sessions[4].session_id, local(36, hour=9))
    changed_sessions(history.reschedule(sessions[4].session_id, local(35, hour=20), scope="following"))
    again = changed_sessions(history.reschedule(sessions[4].session_id, local(35, hour=21), scope="following"))
    assert {at(each)[-5:] for each in again} == {"21:00"}
    first = changed_sessions(history.reschedule(sessions[0].session_id, local(7, hour=22), scope="following"))
    assert len(first) == len(sessions)


def test_calling_off_all_that_follow_ends_the_series() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    history.reschedule(sessions[5].session_id, local(8, hour=9))
    history.cancel(sessions[7].session_id)
    gone = changed_sessions(history.cancel(sessions[3].session_id, scope="following"))
    expected = {each.session_id for number, each in enumerate(sessions) if number >= 3 and number != 7}
    assert {each.session_id for each in gone} == expected
    assert [each.session_id for each in history.upcoming()] == [each.session_id for each in sessions[:3]]
    assert [planned for planned in each_day(history, series, 30) if planned] == []
    assert changed_sessions(history.cancel(sessions[7].session_id, scope="following")) == []


def test_each_date_called_off_with_its_series_states_that_the_series_ends() -> None:
    history, sessions = a_history_with(a_series("FREQ=WEEKLY"))
    history.cancel(sessions[1].session_id)
    history.cancel(sessions[3].session_id, scope="following")
    cancelled = [event for event in history.events if isinstance(event, SessionCancelled)]
    assert [event.ends_series for event in cancelled] == [False, *[True] * (len(sessions) - 3)]


def test_a_series_can_be_ended_by_a_date_that_has_begun() -> None:
    series = a_series("FREQ=WEEKLY")
    history, sessions = a_history_with(series)
    history.pass_time(days=30)
    begun = sessions[0].session_id
    assert code(history.cancel(begun)) == "session-past"
    assert code(history.reschedule(begun, local(40), scope="following")) == "session-past"
    gone = changed_sessions(history.cancel(begun, scope="following"))
    assert begun not in {each.session_id for each in gone}
    assert len(gone) == len([each for each in sessions if each.starts_at > history.now])
    assert history.upcoming() == []
    assert [planned for planned in each_day(history, series, 30) if planned] == []
    assert code(history.cancel(begun, scope="following")) == "session-past"


def test_a_series_without_an_upcoming_date_can_be_ended() -> None:
    series = a_series("FREQ=MONTHLY;INTERVAL=6")
    history, [only] = a_history_with(series)
    history.pass_time(days=30)
    changes = history.cancel(only.session_id, scope="following")
    assert isinstance(changes, AgendaChanges)
    assert [each.has_ended for each in changes.series] == [True]
    assert [planned for planned in each_day(history, series, 200) if planned] == []


def test_a_single_session_has_nothing_that_follows() -> None:
    history = SessionHistory.of()
    one, other = a_session(), a_session(starts_at=local(8))
    history.schedule(one)
    history.schedule(other)
    assert len(changed_sessions(history.reschedule(one.session_id, local(9), scope="following"))) == 1
    assert len(changed_sessions(history.cancel(one.session_id, scope="following"))) == 1
    assert [each.session_id for each in history.upcoming()] == [other.session_id]


@examples(15, thoroughly=100)
@given(st.data())
def test_each_day_of_the_rule_is_one_session_after_any_changes(data: st.DataObject) -> None:
    rrule = data.draw(st.sampled_from(["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=MONTHLY"]))
    series = a_series(rrule, session_id=UUID(int=7))
    history, _ = a_history_with(series)
    for _ in range(data.draw(st.integers(1, 12))):
        before = {identity: each.session for identity, each in history.agenda.sessions.items()}
        history.pass_time(days=data.draw(st.integers(0, 20)))
        history.pass_session()
        chosen = list(before)[data.draw(st.integers(0, len(before) - 1))]
        scope = data.draw(st.sampled_from(["this", "following"]))
        match data.draw(st.sampled_from(["move", "cancel", "top up"])):
            case "move":
                day, hour = data.draw(st.integers(1, 300)), data.draw(st.integers(0, 23))
                history.reschedule(chosen, local(day, hour=hour), scope=scope)
            case "cancel":
                history.cancel(chosen, scope=scope)
            case _:
                history.top_up(series.session_id)
        for identity, session in before.items():
            after = history.session(identity)
            assert after.revision - session.revision == (0 if after == session else 1)
            assert after == session or session.starts_at > history.now
        assert history.room.next_session_at == next((each.starts_at for each in history.upcoming()), None)
    ruled = [each.ruled_at for each in history.agenda.sessions.values()]
    assert len(set(ruled)) == len(ruled)
    assert [event.room.version for event in history.events] == list(range(4, 4 + len(history.events)))
