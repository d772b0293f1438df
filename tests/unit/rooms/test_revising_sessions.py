"""Revising what sessions state: topic, place and link, of one date or of all that follow."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.rooms.session_history import SessionHistory, a_series, a_session, changed_sessions, local

from practio_contracts.rooms import RoomStatus, ScheduleSession, Session, SessionRevised, SessionScheduled
from practio_rooms.domain.agenda import AgendaChanges

STATED: dict[str, Any] = {"topic": "Cases", "place": "Via Po 1", "meeting_url": "https://meet.example.org/a"}


def a_history_with(session: ScheduleSession) -> tuple[SessionHistory, list[Session]]:
    """Return a history with a session or a series, and its sessions in order."""
    history = SessionHistory.of()
    planned = changed_sessions(history.schedule(session))
    history.events.clear()
    return history, planned


@every_case(
    ("given", "changed"),
    [
        ({"topic": "Others"}, ["topic"]),
        ({"place": "Via Roma 2", "meeting_url": "https://meet.example.org/b"}, ["place", "meeting_url"]),
        ({"place": None}, ["place"]),
        ({"topic": None, "place": None, "meeting_url": None}, ["topic", "place", "meeting_url"]),
        ({"topic": "Cases", "place": "Via Roma 2"}, ["place"]),
    ],
)
def test_the_given_fields_change_and_null_clears_them(given: dict[str, Any], changed: list[str]) -> None:
    history, [before] = a_history_with(a_session(**STATED))
    [after] = changed_sessions(history.revise(before.session_id, **given))
    assert after == before.model_copy(update={**given, "revision": 1})
    [event] = history.events
    assert isinstance(event, SessionRevised)
    assert (event.session, event.changed_fields) == (after, changed)


@every_case("given", [{}, {"topic": "Cases"}, STATED, {"scope": "following"}])
def test_a_revision_that_changes_nothing_publishes_nothing(given: dict[str, Any]) -> None:
    history, [before, *_] = a_history_with(a_series(**STATED))
    assert history.revise(before.session_id, **given) == AgendaChanges()
    assert history.events == []


def test_one_date_of_a_series_is_revised_without_the_others() -> None:
    series = a_series(topic="Cases")
    history, [first, second, *_] = a_history_with(series)
    [revised] = changed_sessions(history.revise(second.session_id, topic="A guest"))
    assert revised.session_id == second.session_id
    assert history.session(first.session_id).topic == "Cases"
    history.pass_time(weeks=1)
    assert {each.topic for each in changed_sessions(history.top_up(series.session_id))} == {"Cases"}


def test_all_that_follow_are_revised_with_one_event_each_and_so_are_dates_topped_up_later() -> None:
    series = a_series(topic="Cases")
    history, [first, second, third, fourth, *rest] = a_history_with(series)
    history.reschedule(third.session_id, local(24))
    history.cancel(fourth.session_id)
    history.revise(rest[-1].session_id, topic="A guest")
    history.events.clear()
    revised = changed_sessions(history.revise(second.session_id, topic="A guest", scope="following"))
    ids = {second.session_id, third.session_id, *(each.session_id for each in rest[:-1])}
    assert {each.session_id for each in revised} == ids
    assert len(history.events) == len(ids)
    assert [event.room.version for event in history.events] == sorted({event.room.version for event in history.events})
    assert history.session(third.session_id).revision == 2
    assert (history.session(first.session_id).topic, history.session(fourth.session_id).topic) == ("Cases", "Cases")
    history.pass_time(weeks=1)
    [topped_up] = changed_sessions(history.top_up(series.session_id))
    assert topped_up.topic == "A guest"


def test_following_means_this_date_outside_a_series() -> None:
    history, [before] = a_history_with(a_session())
    history.schedule(a_session(starts_at=local(9)))
    [after] = changed_sessions(history.revise(before.session_id, topic="A guest", scope="following"))
    assert after.session_id == before.session_id


def test_a_revision_in_a_draft_is_published_with_the_room() -> None:
    history = SessionHistory.of(RoomStatus.DRAFT)
    [session] = changed_sessions(history.schedule(a_session(topic="Cases")))
    history.events.clear()
    history.revise(session.session_id, topic="A guest")
    assert history.events == []
    history.announce()
    [event] = history.events
    assert isinstance(event, SessionScheduled)
    assert (event.session.topic, event.session.revision) == ("A guest", 1)
