"""Planning, moving and calling off sessions: permissions, states, events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, NOW, STEWARD, STRANGER
from tests.unit.rooms.session_history import SessionHistory, a_series, a_session, changed_sessions, code, local

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import (
    RoomRevised,
    RoomStatus,
    ScheduleSession,
    SessionCancelled,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
)
from practio_rooms.domain.agenda import AgendaChanges, ended_answers

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus
SCHEDULE, RESCHEDULE, REVISE, CANCEL = "schedule", "reschedule", "revise", "cancel"


def send(kind: str, history: SessionHistory, session_id: UUID, by: UUID | str = HOST) -> AgendaChanges | Refusal:
    """Plan a session, move it by a day, give it a topic or call it off."""
    match kind:
        case "schedule":
            return history.schedule(a_session(session_id=session_id), by)
        case "reschedule":
            return history.reschedule(session_id, local(8), by)
        case "revise":
            return history.revise(session_id, by, topic="Another topic")
        case _:
            return history.cancel(session_id, by)


def a_history_with(session: ScheduleSession) -> SessionHistory:
    history = SessionHistory.of()
    assert isinstance(history.schedule(session), AgendaChanges)
    return history


@every_case("kind", [SCHEDULE, RESCHEDULE, REVISE, CANCEL])
@every_case(
    ("by", "expected"),
    [(HOST, None), (SYSTEM, None), (FACILITATOR, None), (STEWARD, "not-allowed"), (STRANGER, "not-allowed")],
)
def test_host_and_facilitators_plan_sessions(kind: str, by: UUID | str, expected: str | None) -> None:
    session = a_session()
    history = a_history_with(session)
    assert code(send(kind, history, uuid4() if kind == SCHEDULE else session.session_id, by)) == expected


@every_case("kind", [SCHEDULE, RESCHEDULE, REVISE, CANCEL])
@every_case(
    ("status", "expected"),
    [
        (DRAFT, None),
        (PUBLISHED, None),
        (CLOSED, None),
        (CANCELLED, "not-in-this-state"),
        (ARCHIVED, "not-in-this-state"),
    ],
)
def test_sessions_are_planned_from_draft_on_until_the_room_ends(
    kind: str, status: RoomStatus, expected: str | None
) -> None:
    session = a_session()
    history = a_history_with(session)
    history.room = history.room.model_copy(update={"status": status})
    assert code(send(kind, history, uuid4() if kind == SCHEDULE else session.session_id)) == expected


@every_case(
    ("state", "scheduled", "rescheduled", "revised", "cancelled"),
    [
        ("unknown", SessionScheduled, "session-unknown", "session-unknown", "session-unknown"),
        ("to come", "id-taken", SessionRescheduled, SessionRevised, SessionCancelled),
        ("begun", "id-taken", "session-past", "session-past", "session-past"),
        ("called off", "id-taken", "not-in-this-state", "not-in-this-state", None),
        ("called off and past", "id-taken", "session-past", "session-past", "session-past"),
        ("of another room", "id-taken", "session-unknown", "session-unknown", "session-unknown"),
    ],
)
def test_each_command_meets_each_state_of_a_session(
    state: str, scheduled: object, rescheduled: object, revised: object, cancelled: object
) -> None:
    expectations = ((SCHEDULE, scheduled), (RESCHEDULE, rescheduled), (REVISE, revised), (CANCEL, cancelled))
    for kind, expected in expectations:
        session = a_session(starts_at=local(6))
        history = SessionHistory.of() if state in ("unknown", "of another room") else a_history_with(session)
        if state == "of another room":
            history.agenda = type(history.agenda)(elsewhere=frozenset({session.session_id}))
        if state.startswith("called off"):
            history.cancel(session.session_id)
        if state in ("begun", "called off and past"):
            history.pass_time(days=6, minutes=1)
        history.events.clear()
        decision = send(kind, history, session.session_id)
        outcome = code(decision) or (type(history.events[-1]) if history.events else None)
        assert outcome == expected, (kind, decision)


def test_a_session_is_planned_as_the_command_states() -> None:
    session = a_session(starts_at="2026-03-30T18:00", topic="Cases", place="Via Po 1", duration_minutes=60)
    [planned] = changed_sessions(SessionHistory.of().schedule(session))
    assert (planned.starts_at, planned.ends_at) == (
        datetime(2026, 3, 30, 16, tzinfo=UTC),
        datetime(2026, 3, 30, 17, tzinfo=UTC),
    )
    assert (planned.time_zone, planned.topic, planned.place, planned.meeting_url) == (
        "Europe/Rome",
        "Cases",
        "Via Po 1",
        None,
    )
    assert (planned.series_id, planned.status, planned.revision) == (None, SessionStatus.SCHEDULED, 0)


def test_the_same_command_again_changes_nothing_after_any_change_of_the_session() -> None:
    session = a_session(topic="Cases")
    history = a_history_with(session)
    assert history.schedule(session, FACILITATOR) == AgendaChanges()
    history.cancel(session.session_id)
    assert history.schedule(session) == AgendaChanges()
    history.room = history.room.model_copy(update={"status": ARCHIVED})
    assert history.schedule(session) == AgendaChanges()
    assert code(history.schedule(session.model_copy(update={"topic": "Other"}))) == "id-taken"


def test_a_draft_without_a_time_zone_has_no_sessions() -> None:
    refused = SessionHistory.of(DRAFT, time_zone=None).schedule(a_session())
    assert isinstance(refused, Refusal)
    assert (refused.code, [error.field for error in refused.errors]) == ("incomplete", ["time_zone"])


@every_case("starts_at", ["2026-03-01T19:00", "2025-03-01T19:00", "1970-01-01T00:00"])
def test_nothing_is_planned_into_the_past_nor_at_this_very_instant(starts_at: str) -> None:
    assert code(SessionHistory.of().schedule(a_session(starts_at=starts_at))) == "session-past"
    session = a_session()
    assert code(a_history_with(session).reschedule(session.session_id, starts_at)) == "session-past"


def test_a_session_has_begun_at_its_very_start() -> None:
    session = a_session()
    history = a_history_with(session)
    history.now = history.session(session.session_id).starts_at
    assert history.upcoming() == []
    assert (
        code(history.cancel(session.session_id))
        == code(history.reschedule(session.session_id, local(9)))
        == "session-past"
    )


def test_moving_keeps_the_length_unless_it_is_given() -> None:
    session = a_session(duration_minutes=90)
    history = a_history_with(session)
    [moved] = changed_sessions(history.reschedule(session.session_id, local(9)))
    assert (moved.ends_at - moved.starts_at, moved.revision) == (timedelta(minutes=90), 1)
    [longer] = changed_sessions(history.reschedule(session.session_id, local(9), duration_minutes=120))
    assert (longer.ends_at - longer.starts_at, longer.revision) == (timedelta(minutes=120), 2)
    assert changed_sessions(history.reschedule(session.session_id, local(9), scope="following")) == []


def test_moving_states_the_former_time_and_calling_off_the_reason() -> None:
    session = a_session()
    history = a_history_with(session)
    before = history.session(session.session_id).starts_at
    history.reschedule(session.session_id, local(9))
    history.cancel(session.session_id, reason="Snow")
    _, moved, cancelled = history.events
    assert isinstance(moved, SessionRescheduled)
    assert isinstance(cancelled, SessionCancelled)
    assert (moved.former_starts_at, cancelled.reason, cancelled.session.revision) == (before, "Snow", 2)


def test_sessions_keep_the_zone_they_were_planned_in_until_they_are_moved() -> None:
    session = a_session(starts_at=local(7))
    history = a_history_with(session)
    history.room = history.room.model_copy(update={"time_zone": "America/New_York"})
    assert history.session(session.session_id).time_zone == "Europe/Rome"
    [moved] = changed_sessions(history.reschedule(session.session_id, "2026-03-09T18:00"))
    assert (moved.time_zone, moved.starts_at) == ("America/New_York", datetime(2026, 3, 9, 22, tzinfo=UTC))


def test_the_snapshot_states_the_next_session_after_each_change() -> None:
    first, second = a_session(starts_at=local(7)), a_session(starts_at=local(5))
    history = SessionHistory.of()
    seen = []
    steps: Sequence[Callable[[], object]] = (
        lambda: history.schedule(first),
        lambda: history.schedule(second),
        lambda: history.reschedule(second.session_id, local(9)),
        lambda: history.cancel(first.session_id),
        lambda: history.cancel(second.session_id),
    )
    for step in steps:
        step()
        seen.append(history.room.next_session_at)
    at = [None if each is None else (each - NOW).days for each in seen]
    assert at == [6, 4, 6, 8, None]
    assert [event.room.version for event in history.events] == [4, 5, 6, 7, 8]


def test_a_session_that_begins_changes_the_next_one_with_one_event() -> None:
    history = SessionHistory.of()
    history.schedule(a_session(starts_at=local(5)))
    history.schedule(a_session(starts_at=local(7)))
    history.events.clear()
    history.pass_time(days=5)
    history.pass_session()
    history.pass_session()
    [event] = history.events
    assert isinstance(event, RoomRevised)
    assert event.changed_fields == ["next_session_at"]
    assert event.room.next_session_at == history.upcoming()[0].starts_at


def test_a_draft_publishes_its_next_session_only_and_all_sessions_once_it_is_published() -> None:
    history = SessionHistory.of(DRAFT)
    passed, called_off, kept = (
        a_session(starts_at=local(1)),
        a_session(starts_at=local(2)),
        a_session(starts_at=local(3)),
    )
    for session in (passed, called_off, kept):
        history.schedule(session)
    history.cancel(called_off.session_id)
    history.reschedule(kept.session_id, local(4))
    history.pass_time(days=1)
    assert {type(event) for event in history.events} == {RoomRevised}
    history.events.clear()
    history.announce()
    [event] = history.events
    assert isinstance(event, SessionScheduled)
    assert (event.session.session_id, event.session.revision) == (kept.session_id, 1)
    assert event.room.next_session_at == event.session.starts_at


def test_a_room_that_ends_calls_off_its_upcoming_sessions() -> None:
    history = a_history_with(a_session(starts_at=local(1)))
    series, single = a_series(), a_session(starts_at=local(20))
    history.schedule(series)
    history.schedule(single)
    history.pass_time(days=2)
    coming = history.upcoming()
    history.events.clear()
    history.end("No interest")
    assert [event.session.session_id for event in history.events if isinstance(event, SessionCancelled)] == [
        each.session_id for each in coming
    ]
    assert history.upcoming() == []
    assert history.room.next_session_at is None
    history.pass_time(weeks=2)
    assert changed_sessions(history.top_up(series.session_id)) == []


def test_a_room_has_at_most_200_upcoming_sessions() -> None:
    history = SessionHistory.of()
    for day in range(1, 200):
        history.schedule(a_session(starts_at=local(day)))
    assert code(history.schedule(a_series("FREQ=DAILY;COUNT=2"))) == "too-many-sessions"
    assert code(history.schedule(a_session(starts_at=local(200)))) is None
    assert code(history.schedule(a_session(starts_at=local(201)))) == "too-many-sessions"
    history.pass_time(days=1, hours=12)
    assert code(history.schedule(a_session(starts_at=local(201)))) is None


def test_answers_end_if_a_session_takes_another_time_or_is_called_off() -> None:
    session = a_session()
    about = session.session_id
    history = a_history_with(session)

    def ended(decision: AgendaChanges | Refusal) -> list[UUID]:
        assert isinstance(decision, AgendaChanges), decision
        return [session_id for _, session_id in ended_answers(decision)]

    assert ended(history.revise(about, topic="Another topic")) == []
    assert ended(history.reschedule(about, local(7))) == []
    assert ended(history.reschedule(about, local(7), duration_minutes=120)) == [about], "it takes longer"
    assert ended(history.reschedule(about, local(8))) == [about]
    assert ended(history.cancel(about)) == [about]
    assert ended(history.schedule(a_session(session_id=uuid4()))) == [], "it is new"
