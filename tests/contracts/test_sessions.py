"""The format of commands about sessions: local times, days, lengths and rules."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.contracts.envelopes import Data, an_envelope, faults, understood
from tests.support.every_case import every_case

from practio_contracts.rooms import Scope


def a_session(**fields: Any) -> Data:
    """Return an envelope of a command for a session; fields that are ``...`` are left out."""
    data = {
        "room_id": str(uuid4()),
        "session_id": str(uuid4()),
        "starts_at": "2026-03-01T18:00",
        "duration_minutes": 90,
        **fields,
    }
    return an_envelope("rooms.schedule-session.v1", {name: value for name, value in data.items() if value is not ...})


def a_move(**fields: Any) -> Data:
    """Return an envelope of a command to move a session."""
    data = {"room_id": str(uuid4()), "session_id": str(uuid4()), "starts_at": "2026-03-01T18:00", **fields}
    return an_envelope("rooms.reschedule-session.v1", data)


@every_case(
    ("written", "understood_as"),
    [
        ("2026-03-01T18:00", "2026-03-01T18:00"),
        ("2026-03-01T18:00:30", "2026-03-01T18:00:30"),
        ("2026-03-01T18:00:30.999999", "2026-03-01T18:00:30"),
        ("2028-02-29T00:00", "2028-02-29T00:00"),
    ],
)
def test_a_local_time_is_read_to_the_second(written: str, understood_as: str) -> None:
    assert understood(a_session(starts_at=written)).data.starts_at == datetime.fromisoformat(understood_as)


@every_case(
    "written",
    [
        "2026-03-01T18:00Z", "2026-03-01T18:00+01:00", "2026-03-01 18:00", "2026-03-01", "18:00", "2026-02-29T18:00",
        "2026-03-01T24:30", "0001-01-01T00:00", "9999-12-31T23:59", "tomorrow", "", 1772384400, 1.5, True, None, ...,
    ],
)  # fmt: skip
def test_an_invalid_local_time_is_refused(written: object) -> None:
    assert list(faults(a_session(starts_at=written))) == ["starts_at"]


@every_case("minutes", [0, -5, 10_081, 1.5, "90", True, None, ...])
def test_a_session_has_a_length_in_whole_minutes_up_to_a_week(minutes: object) -> None:
    assert list(faults(a_session(duration_minutes=minutes))) == ["duration_minutes"]
    assert understood(a_session(duration_minutes=10_080))


@every_case(
    ("recurrence", "field"),
    [
        ({"rrule": ""}, "recurrence.rrule"),
        ({"rrule": None}, "recurrence.rrule"),
        ({"rrule": "F" * 501}, "recurrence.rrule"),
        ({"except_dates": []}, "recurrence.rrule"),
        ({"rrule": "FREQ=DAILY", "exdates": []}, "recurrence.exdates"),
        ({"rrule": "FREQ=DAILY", "except_dates": ["2026-03-01T18:00"]}, "recurrence.except_dates.0"),
        ({"rrule": "FREQ=DAILY", "except_dates": ["2026-02-30"]}, "recurrence.except_dates.0"),
        ({"rrule": "FREQ=DAILY", "except_dates": [20260301]}, "recurrence.except_dates.0"),
        ({"rrule": "FREQ=DAILY", "except_dates": ["2026-03-01"] * 1_001}, "recurrence.except_dates"),
        ("FREQ=DAILY", "recurrence"),
    ],
)
def test_an_invalid_recurrence_is_refused_by_its_field(recurrence: object, field: str) -> None:
    assert list(faults(a_session(recurrence=recurrence))) == [field]


def test_excluded_days_of_a_rule_are_dates_and_optional() -> None:
    rests = {"rrule": "FREQ=DAILY", "except_dates": ["2026-03-02"]}
    assert understood(a_session(recurrence=rests)).data.recurrence.except_dates == [date(2026, 3, 2)]
    for none in ({}, {"except_dates": None}):
        assert understood(a_session(recurrence={"rrule": "FREQ=DAILY"} | none)).data.recurrence.except_dates == []


def test_a_change_is_of_one_date_unless_all_later_ones_are_named() -> None:
    assert understood(a_move()).data.scope is understood(a_move(scope=None)).data.scope is Scope.THIS
    assert understood(a_move(scope="following")).data.scope is Scope.FOLLOWING
    assert list(faults(a_move(scope="all"))) == ["scope"]


@every_case("name", ["recurrance", "status", "series_id"])
def test_a_misspelt_field_is_refused(name: str) -> None:
    assert list(faults(a_session(**{name: None}))) == [name]


def a_record(**people: list[str] | None) -> Data:
    """Return an envelope of a command to record attendance."""
    return an_envelope("rooms.record-attendance.v1", {"room_id": str(uuid4()), "session_id": str(uuid4()), **people})


def test_nobody_is_recorded_as_present_and_absent() -> None:
    ada, ben = str(uuid4()), str(uuid4())
    assert faults(a_record(present=[ada, ben], absent=[ben])) == {"absent": "nobody can be both present and absent"}
    assert understood(a_record(present=None, absent=[ben])).data.absent == [UUID(ben)]


def test_attendance_of_up_to_500_people_is_recorded_at_once() -> None:
    many = [str(uuid4()) for _ in range(501)]
    assert len(understood(a_record(present=many[:500], absent=many[500:])).data.present) == 500
    assert list(faults(a_record(present=many))) == ["present"]
