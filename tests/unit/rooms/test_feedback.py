"""Feedback without names: who may give it; nothing shown is about fewer than four people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import SessionStatus
from practio_rooms.domain.feedback import (
    LOT,
    EntriesByScope,
    FeedbackEntry,
    Scope,
    SessionTimes,
    collect,
    numbers,
    refusal,
    sorted_comments,
)

SESSIONS = [uuid4() for _ in range(4)]
"""In the order in which they begin."""

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = SessionTimes(NOW - 2 * HOUR, NOW - HOUR, SessionStatus.SCHEDULED)

Shown = tuple[dict[str, int], list[str]]


@dataclass
class Room:
    """A room's feedback, entry by entry; ``lots`` are the entries released together, by scope."""

    waiting: EntriesByScope = field(default_factory=dict)
    lots: list[tuple[Scope, tuple[FeedbackEntry, ...]]] = field(default_factory=list)

    def add(self, at: int, entry: FeedbackEntry) -> None:
        after = collect(self.waiting, entry, session_id=SESSIONS[at], earlier=set(SESSIONS[:at]))
        self.waiting = after.waiting
        self.lots += after.released.items()

    def result(self, session_id: UUID | None) -> Shown:
        """Return the result of a query about a session, or (None) about the whole room."""
        released = [each for scope, lot in self.lots if session_id in (None, scope) for each in lot]
        result = numbers(Counter(each.useful for each in released))
        return result.useful, sorted_comments(each.comment for each in released if each.comment)

    def all_results(self) -> list[Shown]:
        """Return the results of all possible queries."""
        return [self.result(session_id) for session_id in (None, *SESSIONS)]


History = Sequence[tuple[int, FeedbackEntry]]
"""Entries in the order in which they were given, each about a session."""

ENTRIES = st.builds(FeedbackEntry, st.integers(1, 5), st.none() | st.text("ab", min_size=1, max_size=3))
HISTORIES = st.lists(st.tuples(st.integers(0, len(SESSIONS) - 1), ENTRIES), max_size=16)


def shown_history(history: History) -> list[list[Shown]]:
    """Return what an observer sees who sends every query after every entry."""
    room = Room()
    results_over_time = [room.all_results()]
    for at, entry in history:
        room.add(at, entry)
        results_over_time.append(room.all_results())
    return results_over_time


def lots_of(history: History) -> list[list[int]]:
    """Return which entries, by their place in the history, were released together."""
    room = Room()
    for place, (at, _) in enumerate(history):
        room.add(at, FeedbackEntry(1, str(place)))
    return [[int(each.comment or "") for each in lot] for _, lot in room.lots]


@given(HISTORIES, st.data())
def test_nobody_can_see_who_gave_which_entry_of_a_lot_at_any_time(history: History, data: st.DataObject) -> None:
    swapped = list(history)
    for lot in lots_of(history):
        entries = data.draw(st.permutations([history[place][1] for place in lot]))
        for place, entry in zip(lot, entries, strict=True):
            swapped[place] = (history[place][0], entry)
    assert shown_history(swapped) == shown_history(history)


@given(HISTORIES, st.data())
def test_an_entry_that_waits_for_its_lot_changes_nothing_that_is_shown(history: History, data: st.DataObject) -> None:
    released = {place for lot in lots_of(history) for place in lot}
    other = [each if place in released else (each[0], data.draw(ENTRIES)) for place, each in enumerate(history)]
    assert shown_history(other) == shown_history(history)


@given(HISTORIES)
def test_each_entry_is_in_one_lot_at_most_and_every_lot_has_four_or_more(history: History) -> None:
    lots = lots_of(history)
    places = [place for lot in lots for place in lot]
    assert len(places) == len(set(places))
    assert all(len(lot) >= LOT for lot in lots)


@given(HISTORIES)
def test_two_queries_differ_in_nothing_or_at_least_four_entries(history: History) -> None:
    room, shown = Room(), {frozenset[str]()}
    for place, (at, _) in enumerate(history):
        room.add(at, FeedbackEntry(1, str(place)))
        shown |= {frozenset(comments) for _, comments in room.all_results()}
    assert all(not one - other or len(one - other) >= LOT for one in shown for other in shown)


@given(HISTORIES)
def test_no_entry_is_lost_and_few_wait(history: History) -> None:
    room = Room()
    for at, entry in history:
        room.add(at, entry)
    kept = [each for _, lot in room.lots for each in lot] + [each for lot in room.waiting.values() for each in lot]
    assert Counter(kept) == Counter(entry for _, entry in history)
    assert all(len(lot) < LOT for lot in room.waiting.values())


PEOPLE = [uuid4() for _ in range(7)]
VISITS = st.lists(
    st.tuples(st.integers(0, len(SESSIONS) - 1), st.sampled_from(PEOPLE), ENTRIES),
    max_size=24,
    unique_by=lambda each: each[:2],
)
"""Who gave which entry about which session, once each; all of them were recorded as present there."""


@given(VISITS, st.data())
def test_who_knows_the_attendance_cannot_tell_whose_of_four_an_entry_is(
    visits: list[tuple[int, UUID, FeedbackEntry]], data: st.DataObject
) -> None:
    """An observer knows who was present at each session, and sends every query after every entry."""
    history = [(at, entry) for at, _, entry in visits]
    room = Room()
    for place, (at, _) in enumerate(history):
        room.add(at, FeedbackEntry(1, str(place)))
    of_sessions = [[int(each.comment or "") for each in lot] for scope, lot in room.lots if scope]
    for lot in of_sessions:
        present = {visits[place][1] for place in lot}
        assert len(present) == len(lot) >= LOT
        whose = data.draw(st.permutations(lot))
        swapped = list(history)
        for place, other in zip(lot, whose, strict=True):
            swapped[place] = (history[place][0], history[other][1])
        assert shown_history(swapped) == shown_history(history)


def test_four_entries_about_a_session_are_shown_together_and_a_fifth_waits() -> None:
    room = Room()
    for useful in (5, 3, 4):
        room.add(0, FeedbackEntry(useful, f"a comment on {useful}"))
    assert room.result(SESSIONS[0]) == ({"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}, [])
    room.add(0, FeedbackEntry(4, None))
    room.add(0, FeedbackEntry(1, "I was late"))
    assert room.result(SESSIONS[0]) == (
        {"1": 0, "2": 0, "3": 1, "4": 2, "5": 1},
        ["a comment on 3", "a comment on 4", "a comment on 5"],
    )


def test_small_rooms_get_feedback_over_several_sessions_as_a_whole() -> None:
    room = Room()
    for at in (0, 0, 0, 1, 1, 1):
        room.add(at, FeedbackEntry(5, None))
    assert room.result(None)[0]["5"] == 0
    room.add(2, FeedbackEntry(1, None))
    assert room.result(None)[0] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 6}
    assert room.result(SESSIONS[0])[0]["5"] == 0


def test_no_feedback_has_no_average() -> None:
    assert (numbers({}).average, numbers({5: 3, 2: 1}).average) == (None, 4.2)


def test_a_person_in_the_room_gives_feedback_on_a_session_that_has_begun() -> None:
    assert refused() is None
    assert refused(now=HELD.starts_at) is None
    assert refused(joined_at=None) is None


@pytest.mark.parametrize(
    ("circumstances", "code"),
    [
        ({"is_in_room": False}, "not-allowed"),
        ({"is_in_room": False, "meeting": None}, "not-allowed"),
        ({"meeting": None}, "session-unknown"),
        ({"meeting": SessionTimes(HELD.starts_at, HELD.ends_at, SessionStatus.CANCELLED)}, "not-allowed"),
        ({"joined_at": HELD.ends_at}, "not-allowed"),
        ({"has_given": True}, "already-given"),
    ],
)
def test_feedback_is_refused(circumstances: dict[str, Any], code: str) -> None:
    decision = refused(**circumstances)
    assert decision is not None
    assert decision.code == code


def test_a_refusal_before_a_session_states_when_feedback_is_accepted() -> None:
    decision = refused(now=HELD.starts_at - HOUR)
    assert decision is not None
    assert (decision.code, decision.next_step, decision.retry_after) == (
        "not-allowed",
        NextStep.RETRY_AFTER,
        HELD.starts_at,
    )


def refused(
    *,
    meeting: SessionTimes | None = HELD,
    is_in_room: bool = True,
    joined_at: datetime | None = NOW - 30 * HOUR,
    has_given: bool = False,
    now: datetime = NOW,
) -> Refusal | None:
    return refusal(meeting, is_in_room=is_in_room, joined_at=joined_at, has_given=has_given, now=now)
