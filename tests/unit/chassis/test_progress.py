"""Whether the messages of a queue move."""

from contextlib import ExitStack

import pytest

from practio_chassis.inbound import progress
from practio_chassis.inbound.progress import Progress


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the instant that the test has set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def test_a_queue_without_a_message_in_hand_is_not_stalled(clock: Clock) -> None:
    queue = Progress("rooms.queries")
    clock.now = 1_000.0
    assert queue.stalled(after=30.0) is None


def test_a_queue_is_stalled_if_nothing_in_hand_is_finished(clock: Clock) -> None:
    queue = Progress("rooms.queries")
    with queue.in_hand():
        clock.now = 29.0
        assert queue.stalled(after=30.0) is None
        clock.now = 31.0
        assert queue.stalled(after=30.0) == "rooms.queries"
        queue.note_waiting("read-only")
        assert queue.stalled(after=30.0) == "rooms.queries (read-only)"
    assert queue.stalled(after=30.0) is None


def test_a_queue_is_stalled_if_one_message_is_stuck_while_others_pass_it_by(clock: Clock) -> None:
    queue = Progress("rooms.queries", concurrent=True)
    with ExitStack() as stuck:
        stuck.enter_context(queue.in_hand())
        for second in range(119):
            clock.now = float(second)
            with queue.in_hand():
                assert queue.stalled(after=30.0) is None
        clock.now = 121.0
        with queue.in_hand():
            pass
        assert queue.stalled(after=30.0) == "rooms.queries"
    assert queue.stalled(after=30.0) is None


def test_what_waits_for_others_that_move_is_not_stalled(clock: Clock) -> None:
    queue = Progress("membership.commands")
    with queue.in_hand():
        for second in range(0, 600, 10):
            clock.now = float(second)
            queue.note_moving()
            assert queue.stalled(after=30.0) is None
        clock.now = 700.0
        assert queue.stalled(after=30.0) == "membership.commands"


def test_a_message_that_waits_for_many_others_in_order_is_not_stuck(clock: Clock) -> None:
    queue = Progress("rooms.events")
    with queue.in_hand():
        for second in range(0, 600, 10):
            clock.now = float(second)
            with queue.in_hand():
                assert queue.stalled(after=30.0) is None
