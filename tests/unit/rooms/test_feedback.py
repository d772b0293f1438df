"""Feedback without names: who may give it; nothing shown is about fewer than four people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case

from practio_contracts.answers import NextStep, Refusal
from practio_contracts.rooms import SessionStatus
from practio_rooms.domain.feedback import (
    LOT,
    AnonymousFeedback,
    RatedSession,
    Scope,
    WaitingByScope,
    WaitingFeedback,
    collect,
    numbers,
    refusal,
    sorted_comments,
)

SESSIONS = [uuid4() for _ in range(4)]
"""In the order in which they begin."""

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = RatedSession(NOW - 2 * HOUR, NOW - HOUR, SessionStatus.SCHEDULED)

Shown = tuple[dict[str, int], list[str]]


PEOPLE = [uuid4() for _ in range(7)]

Visit = tuple[int, UUID, AnonymousFeedback]
"""The number of a session, who gave feedback on it, and what they gave."""

History = Sequence[Visit]
"""Feedback in the order in which it was given, by each person once about a session; all were present there."""


@dataclass
class Room:
    """A room's feedback, entry by entry; ``lots`` are the entries released together, by scope."""

    waiting: WaitingByScope = field(default_factory=dict)
    lots: list[tuple[Scope, tuple[AnonymousFeedback, ...]]] = field(default_factory=list)

    def add(self, at: int, by: UUID, entry: AnonymousFeedback) -> None:
        after = collect(self.waiting, entry, by=by, session_id=SESSIONS[at], earlier=set(SESSIONS[:at]))
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


ENTRIES = st.builds(AnonymousFeedback, st.integers(1, 5), st.none() | st.text("ab", min_size=1, max_size=3))
HISTORIES = st.lists(
    st.tuples(st.integers(0, len(SESSIONS) - 1), st.sampled_from(PEOPLE), ENTRIES),
    max_size=24,
    unique_by=lambda each: each[:2],
)


def shown_history(history: History) -> list[list[Shown]]:
    """Return what an observer sees who sends every query after every entry."""
    room = Room()
    results_over_time = [room.all_results()]
    for visit in history:
        room.add(*visit)
        results_over_time.append(room.all_results())
    return results_over_time


def numbered(history: History) -> list[Visit]:
    """Return a history whose comments are the places in it."""
    return [(at, by, AnonymousFeedback(1, str(place))) for place, (at, by, _) in enumerate(history)]


def lots_of(history: History) -> list[list[int]]:
    """Return which entries, by their place in the history, were released together."""
    room = Room()
    for visit in numbered(history):
        room.add(*visit)
    return [[int(each.comment or "") for each in lot] for _, lot in room.lots]


@given(HISTORIES, st.data())
def test_nobody_can_see_who_gave_which_entry_of_a_lot_at_any_time(history: History, data: st.DataObject) -> None:
    """An observer knows who was present at each session, and sends every query after every entry."""
    swapped = list(history)
    for lot in lots_of(history):
        for place, other in zip(lot, data.draw(st.permutations(lot)), strict=True):
            swapped[place] = (*history[place][:2], history[other][2])
    assert shown_history(swapped) == shown_history(history)


@given(HISTORIES, st.data())
def test_an_entry_that_waits_for_its_lot_changes_nothing_that_is_shown(history: History, data: st.DataObject) -> None:
    released = {place for lot in lots_of(history) for place in lot}
    other = [each if at in released else (*each[:2], data.draw(ENTRIES)) for at, each in enumerate(history)]
    assert shown_history(other) == shown_history(history)


@given(HISTORIES)
def test_each_entry_is_in_one_lot_at_most_and_every_lot_is_by_four_people_or_more(history: History) -> None:
    lots = lots_of(history)
    places = [place for lot in lots for place in lot]
    assert len(places) == len(set(places))
    assert all(len({history[place][1] for place in lot}) >= LOT for lot in lots)


@given(HISTORIES)
def test_two_queries_differ_in_nothing_or_in_the_entries_of_at_least_four_people(history: History) -> None:
    room, shown = Room(), {frozenset[str]()}
    for visit in numbered(history):
        room.add(*visit)
        shown |= {frozenset(comments) for _, comments in room.all_results()}
    differences = [one - other for one in shown for other in shown if one - other]
    assert all(len({history[int(place)][1] for place in each}) >= LOT for each in differences)


@given(HISTORIES)
def test_no_entry_is_lost_and_those_that_wait_are_by_few_people_or_about_the_newest_sessions(history: History) -> None:
    room = Room()
    for visit in history:
        room.add(*visit)
    waiting = [entry for each in room.waiting.values() for entry in each.entries]
    kept = [each for _, lot in room.lots for each in lot] + waiting
    assert Counter(kept) == Counter(entry for _, _, entry in history)
    assert all(len(each.entries) == len(each.people) < LOT for each in room.waiting.values())


def test_four_entries_about_a_session_are_shown_together_and_a_fifth_waits() -> None:
    room = Room()
    for by, useful in enumerate((5, 3, 4)):
        room.add(0, PEOPLE[by], AnonymousFeedback(useful, f"a comment on {useful}"))
    assert room.result(SESSIONS[0]) == ({"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}, [])
    room.add(0, PEOPLE[3], AnonymousFeedback(4, None))
    room.add(0, PEOPLE[4], AnonymousFeedback(1, "I was late"))
    assert room.result(SESSIONS[0]) == (
        {"1": 0, "2": 0, "3": 1, "4": 2, "5": 1},
        ["a comment on 3", "a comment on 4", "a comment on 5"],
    )


def test_small_rooms_get_feedback_over_several_sessions_as_a_whole() -> None:
    room = Room()
    for at, by in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 3)):
        room.add(at, PEOPLE[by], AnonymousFeedback(5, None))
    assert room.result(None)[0]["5"] == 0
    room.add(2, PEOPLE[0], AnonymousFeedback(1, None))
    assert room.result(None)[0] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 6}
    assert room.result(SESSIONS[0])[0]["5"] == 0


@every_case("people", [1, 2, 3])
def test_feedback_of_fewer_than_four_people_is_never_shown_however_often_they_come(people: int) -> None:
    room = Room()
    for at in range(len(SESSIONS)):
        for person in PEOPLE[:people]:
            room.add(at, person, AnonymousFeedback(2, f"{at}: it is always me"))
    assert room.lots == []
    assert sum(len(each.entries) for each in room.waiting.values()) == people * len(SESSIONS)


def test_an_earlier_release_s_leftovers_wait_for_four_people() -> None:
    room = Room(waiting={None: WaitingFeedback((AnonymousFeedback(5, "old"),) * 3)})
    for by in range(3):
        room.add(0, PEOPLE[by], AnonymousFeedback(4, None))
    room.add(1, PEOPLE[0], AnonymousFeedback(4, None))
    assert room.lots == []
    room.add(1, PEOPLE[3], AnonymousFeedback(4, None))
    room.add(2, PEOPLE[0], AnonymousFeedback(4, None))
    assert [(scope, len(lot)) for scope, lot in room.lots] == [(None, 8)]


def test_no_feedback_has_no_average() -> None:
    assert (numbers({}).average, numbers({5: 3, 2: 1}).average) == (None, 4.2)


def test_a_person_in_the_room_gives_feedback_on_a_session_that_has_begun() -> None:
    assert refused() is None
    assert refused(now=HELD.starts_at) is None
    assert refused(joined_at=None) is None


@every_case(
    ("circumstances", "code"),
    [
        ({"is_in_room": False}, "not-allowed"),
        ({"is_in_room": False, "meeting": None}, "not-allowed"),
        ({"meeting": None}, "session-unknown"),
        ({"meeting": RatedSession(HELD.starts_at, HELD.ends_at, SessionStatus.CANCELLED)}, "not-allowed"),
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
    meeting: RatedSession | None = HELD,
    is_in_room: bool = True,
    joined_at: datetime | None = NOW - 30 * HOUR,
    has_given: bool = False,
    now: datetime = NOW,
) -> Refusal | None:
    return refusal(meeting, is_in_room=is_in_room, joined_at=joined_at, has_given=has_given, now=now)
