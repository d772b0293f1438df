"""The forms of sessions: what they become, and the faults at their fields."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ROOM, a_session

from practio_contracts.rooms import CancelSession, RescheduleSession, ReviseSession, Scope
from practio_pages.pages.session_forms import (
    SessionFormFault,
    SessionToSchedule,
    cancellation_of,
    content_of,
    fingerprint_of,
    form_of,
    move_of,
    plan_of,
    revision_of,
)

NOW, SESSION = datetime(2027, 3, 1, 12, 0, tzinfo=UTC), UUID(int=5)
FIELDS = ("date", "time", "minutes", "repeat", "weekday", "weeks", "until", "topic", "place", "meeting_url", "scope")
GOOD = {"date": "2027-03-02", "time": "18:30", "minutes": "90"}


def planned(**fields: str) -> Any:
    content = content_of(GOOD | fields, FIELDS)
    return plan_of(content, room_id=ROOM, session_id=SESSION, zone="Europe/Rome", now=NOW)


def moved(**fields: str) -> Any:
    content = content_of(GOOD | fields, FIELDS)
    return move_of(content, room_id=ROOM, session_id=SESSION, zone="Europe/Rome", now=NOW)


def revised(**fields: str) -> Any:
    content = form_of(a_session(topic="A case", place="Room 4"), "Europe/Rome") | fields
    return revision_of(content, room_id=ROOM, session_id=SESSION)


def test_a_form_plans_one_session_by_the_wall_clock() -> None:
    plan = planned(topic="  A case ", weekday="TH")
    assert isinstance(plan, SessionToSchedule)
    assert plan.command.starts_at == datetime(2027, 3, 2, 18, 30)  # noqa: DTZ001 (a wall clock has no zone)
    assert (plan.command.duration_minutes, plan.command.topic, plan.command.place) == (90, "A case", None)
    assert plan.command.recurrence is None


def test_a_form_plans_a_series_from_its_first_weekday_on() -> None:
    plan = planned(repeat="series", weekday="TH", weeks="2", until="2027-06-30")
    assert plan.command.starts_at.date() == date(2027, 3, 4)
    assert plan.command.recurrence.rrule == "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270630"
    assert "UNTIL" not in planned(repeat="series").command.recurrence.rrule


@every_case(
    ("fields", "faults"),
    [
        ({"date": "", "time": ""}, {"date": SessionFormFault.DATE, "time": SessionFormFault.TIME}),
        ({"date": "2027-02-30"}, {"date": SessionFormFault.DATE}),
        ({"date": "0001-01-01"}, {"date": SessionFormFault.DATE}),
        ({"date": "9999-12-31", "weekday": "MO", "repeat": "series"}, {"date": SessionFormFault.DATE}),
        ({"date": "٢٠٢٧-٠٣-٠٢"}, {"date": SessionFormFault.DATE}),
        ({"date": "2027-03-01", "time": "12:59"}, {"date": SessionFormFault.PAST}),
        ({"time": "24:00"}, {"time": SessionFormFault.TIME}),
        ({"minutes": "0"}, {"minutes": SessionFormFault.MINUTES}),
        ({"minutes": "1e3"}, {"minutes": SessionFormFault.MINUTES}),
        ({"minutes": "10081"}, {"minutes": SessionFormFault.MINUTES}),
        ({"repeat": "series", "weeks": "53"}, {"weeks": SessionFormFault.WEEKS}),
        ({"repeat": "series", "until": "2027-03-01"}, {"until": SessionFormFault.BEFORE_FIRST}),
        ({"repeat": "series", "until": "soon"}, {"until": SessionFormFault.DATE}),
        ({"meeting_url": "meet.example.org"}, {"meeting_url": SessionFormFault.ADDRESS}),
        ({"topic": "x" * 201}, {"topic": SessionFormFault.TOO_LONG}),
        ({"place": "a\x00b"}, {"place": SessionFormFault.UNREADABLE}),
    ],
)
def test_each_fault_stands_at_its_field(fields: dict[str, str], faults: dict[str, SessionFormFault]) -> None:
    assert planned(**fields) == faults


def test_a_session_is_moved_alone_or_with_those_that_follow() -> None:
    command = moved(scope="following")
    assert isinstance(command, RescheduleSession)
    assert (command.scope, command.duration_minutes) == (Scope.FOLLOWING, 90)
    assert moved(scope="all") == {"scope": SessionFormFault.CHOOSE}
    assert moved(date="2020-01-01") == {"date": SessionFormFault.PAST}


def test_only_what_was_changed_is_sent() -> None:
    command = revised(topic="Another case", place="")
    assert isinstance(command, ReviseSession)
    assert command.model_fields_set == {"room_id", "session_id", "topic", "place", "scope"}
    assert (command.topic, command.place) == ("Another case", None)
    assert revised() == {"": SessionFormFault.NOTHING_CHANGED}


def test_a_session_is_called_off_with_or_without_a_reason() -> None:
    content = content_of({"reason": " Ill. "}, ("reason", "scope"))
    command = cancellation_of(content, room_id=ROOM, session_id=SESSION)
    assert command == CancelSession(room_id=ROOM, session_id=SESSION, reason="Ill.", scope=Scope.THIS)


def test_a_preview_is_recognised_by_what_follows_from_it() -> None:
    first, again, other = (planned(topic=topic).command for topic in ("A", "A", "B"))
    named = first.model_copy(update={"session_id": UUID(int=6)})
    assert fingerprint_of(first) == fingerprint_of(again) == fingerprint_of(named) != fingerprint_of(other)
