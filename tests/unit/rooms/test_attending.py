"""Who comes and who came: who may state it, of which sessions, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, NOW, STEWARD, STRANGER, a_room

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Room, RoomStatus, Scope, Session, SessionStatus
from practio_rooms.domain.agenda import PlannedSession, RoomAgenda
from practio_rooms.domain.attending import (
    answered_sessions,
    by_index,
    checked_in_session,
    planned_session,
    recorded_session,
    strangers,
)

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
MEMBER = UUID(int=11)
SESSION = UUID(int=21)
LENGTH = timedelta(minutes=90)
INSTANT = timedelta(microseconds=1)


def a_date(
    starts_at: datetime = NOW, session_id: UUID = SESSION, *, ruled_at: datetime | None = None, **fields: Any
) -> PlannedSession:
    """Return a session that begins at an instant, a date of a series if a rule gave it its time."""
    session = Session(
        session_id=session_id,
        room_id=UUID(int=9),
        series_id=UUID(int=8) if ruled_at else None,
        starts_at=starts_at,
        ends_at=starts_at + LENGTH,
        time_zone="UTC",
        **fields,
    )
    return PlannedSession(session, ruled_at=ruled_at)


def an_agenda(*planned: PlannedSession) -> RoomAgenda:
    return RoomAgenda(sessions={each.session.session_id: each for each in planned})


def answered(
    *planned: PlannedSession,
    room: Room | None = None,
    scope: Scope = Scope.THIS,
    person_id: UUID = MEMBER,
    by: UUID | str = MEMBER,
    is_in_room: bool = True,
    session_id: UUID = SESSION,
    now: datetime = NOW - timedelta(days=1),
) -> list[PlannedSession] | Refusal:
    agenda = an_agenda(*(planned or [a_date()]))
    return answered_sessions(
        room or a_room(), agenda, session_id, scope, person_id=person_id, by=by, is_in_room=is_in_room, now=now
    )


def planned(by: UUID | str = HOST, *, room: Room | None = None, now: datetime = NOW) -> Session | Refusal:
    return planned_session(room or a_room(), an_agenda(a_date()), SESSION, by, now=now)


def recorded(by: UUID | str = HOST, *, room: Room | None = None, now: datetime = NOW) -> Session | Refusal:
    return recorded_session(room or a_room(), an_agenda(a_date()), SESSION, by, now=now)


def checked_in(
    by: UUID | str = MEMBER, *, room: Room | None = None, is_in_room: bool = True, now: datetime = NOW
) -> Session | Refusal:
    return checked_in_session(
        room or a_room(), an_agenda(a_date()), SESSION, person_id=MEMBER, by=by, is_in_room=is_in_room, now=now
    )


def code(outcome: object) -> str | None:
    return outcome.code if isinstance(outcome, Refusal) else None


def test_the_offices_are_host_facilitators_and_stewards() -> None:
    assert a_room().office_ids == [HOST, FACILITATOR, STEWARD]


@every_case(("by", "expected"), [(MEMBER, None), (SYSTEM, None), (HOST, "not-allowed"), (STRANGER, "not-allowed")])
def test_a_person_answers_for_themselves(by: UUID | str, expected: str | None) -> None:
    assert code(answered(by=by)) == expected


@every_case(("person", "expected"), [(HOST, None), (FACILITATOR, None), (STEWARD, None), (STRANGER, "not-allowed")])
def test_people_without_a_seat_answer_if_they_hold_an_office(person: UUID, expected: str | None) -> None:
    assert code(answered(person_id=person, by=person, is_in_room=False)) == expected
    assert code(answered(person_id=person, by=person, is_in_room=True)) is None


STATES_OF_ROOMS = [
    (DRAFT, "not-in-this-state"),
    (PUBLISHED, None),
    (CLOSED, None),
    (CANCELLED, "not-in-this-state"),
    (ARCHIVED, "not-in-this-state"),
]


@every_case(("status", "expected"), STATES_OF_ROOMS)
@every_case("stated", [answered, planned])
def test_sessions_of_rooms_that_go_on_are_answered_and_planned(
    stated: Callable[..., object], status: RoomStatus, expected: str | None
) -> None:
    assert code(stated(room=a_room(status))) == expected


@every_case("status", list(RoomStatus))
@every_case("stated", [recorded, checked_in])
def test_who_came_is_stated_of_every_room_that_was_published(stated: Callable[..., object], status: RoomStatus) -> None:
    expected = "not-in-this-state" if status is DRAFT else None
    assert code(stated(room=a_room(status))) == expected


def test_an_answer_is_given_before_the_session_begins() -> None:
    assert answered(now=NOW - INSTANT) == [a_date()]
    assert code(answered(now=NOW)) == "session-past"


def test_an_unknown_session_and_one_that_was_called_off_are_refused() -> None:
    called_off = an_agenda(a_date(status=SessionStatus.CANCELLED))
    room, now = a_room(), NOW
    assert code(answered(session_id=uuid4())) == "session-unknown"
    assert code(answered(a_date(status=SessionStatus.CANCELLED))) == "not-in-this-state"
    for agenda, expected in ((RoomAgenda(), "session-unknown"), (called_off, "not-in-this-state")):
        assert code(planned_session(room, agenda, SESSION, HOST, now=now)) == expected
        assert code(recorded_session(room, agenda, SESSION, HOST, now=now)) == expected
        about = checked_in_session(room, agenda, SESSION, person_id=MEMBER, by=MEMBER, is_in_room=True, now=now)
        assert code(about) == expected


def a_series_of(count: int) -> list[PlannedSession]:
    """Return weekly dates of a series, the first one named."""
    return [
        a_date(NOW + week, SESSION if number == 0 else uuid4(), ruled_at=NOW.replace(tzinfo=None) + week)
        for number in range(count)
        for week in [timedelta(weeks=number)]
    ]


def test_an_answer_for_all_that_follow_is_for_the_named_date_first_and_those_after_it() -> None:
    dates = a_series_of(4)
    assert answered(*dates, scope=Scope.THIS) == [dates[0]]
    assert answered(*dates, scope=Scope.FOLLOWING) == dates
    named = dates[1].session.session_id
    assert answered(*reversed(dates), scope=Scope.FOLLOWING, session_id=named) == dates[1:]


def test_the_named_date_comes_first_though_it_was_moved_behind_others() -> None:
    first, *later = a_series_of(3)
    moved = a_date(NOW + timedelta(days=30), ruled_at=first.ruled_at)
    assert answered(moved, *later, scope=Scope.FOLLOWING) == [moved, *later]


def test_a_session_of_no_series_is_followed_by_none() -> None:
    others = [a_date(NOW + timedelta(days=day), uuid4()) for day in (1, 2)]
    assert answered(a_date(), *others, scope=Scope.FOLLOWING) == [a_date()]


@every_case(
    ("by", "expected"),
    [(HOST, None), (SYSTEM, None), (FACILITATOR, None), (STEWARD, "not-allowed"), (STRANGER, "not-allowed")],
)
def test_host_and_facilitators_plan_a_session(by: UUID | str, expected: str | None) -> None:
    assert code(planned(by)) == expected


def test_a_session_is_planned_until_it_is_over() -> None:
    assert planned(now=NOW + LENGTH - INSTANT) == a_date().session
    assert code(planned(now=NOW + LENGTH)) == "session-over"


@every_case(
    ("by", "expected"),
    [(HOST, None), (SYSTEM, None), (FACILITATOR, None), (STEWARD, None), (MEMBER, "not-allowed")],
)
def test_the_offices_record_who_came(by: UUID | str, expected: str | None) -> None:
    assert code(recorded(by)) == expected


def test_attendance_is_recorded_from_the_start_until_thirty_days_after_the_end() -> None:
    early = recorded(now=NOW - INSTANT)
    assert isinstance(early, Refusal)
    assert (early.code, early.next_step, early.retry_after) == ("not-yet", NextStep.RETRY_AFTER, NOW)
    last = NOW + LENGTH + timedelta(days=30)
    assert recorded(now=NOW) == recorded(now=last) == a_date().session
    assert code(recorded(now=last + INSTANT)) == "session-over"


@every_case(("by", "expected"), [(MEMBER, None), (SYSTEM, None), (HOST, "not-allowed"), (STRANGER, "not-allowed")])
def test_a_person_checks_in_for_themselves(by: UUID | str, expected: str | None) -> None:
    assert code(checked_in(by)) == expected


def test_people_in_the_room_check_in_and_no_office_without_a_seat() -> None:
    assert code(checked_in(is_in_room=False)) == "not-allowed"


def test_people_check_in_from_half_an_hour_before_until_the_end() -> None:
    opens = NOW - timedelta(minutes=30)
    early = checked_in(now=opens - INSTANT)
    assert isinstance(early, Refusal)
    assert (early.code, early.next_step, early.retry_after) == ("not-yet", NextStep.RETRY_AFTER, opens)
    assert checked_in(now=opens) == checked_in(now=NOW + LENGTH - INSTANT) == a_date().session
    assert code(checked_in(now=NOW + LENGTH)) == "session-over"


def test_people_who_are_not_there_are_named_each_at_their_field() -> None:
    assert strangers(by_index("case_by", [HOST, MEMBER]), {HOST, MEMBER}) is None
    assert strangers({}, set()) is None
    refusal = strangers(by_index("present", [HOST, STRANGER]), {HOST})
    assert refusal
    assert refusal.code == "person-unknown"
    assert [each.field for each in refusal.errors or ()] == ["present.1"]
    assert str(STRANGER) not in str(refusal), "who was present is private"
