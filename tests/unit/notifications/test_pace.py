"""How many letters a sender claims: many from a fast mail server's pace, few from a slow one's."""

from tests.support.every_case import every_case

from practio_notifications.letters.pace import Pace, is_turn

LINES = 8


def test_a_sender_that_knows_no_pace_yet_claims_one_letter_a_connection() -> None:
    assert Pace().room(LINES, in_hand=0) == LINES
    assert Pace().room(LINES, in_hand=3) == LINES - 3


@every_case(
    ("returned", "seconds", "room"),
    [(1, 10.0, LINES), (8, 1.0, LINES + 4), (40, 1.0, LINES + 20), (1_000, 1.0, LINES + 3 * LINES)],
)
def test_as_many_letters_are_claimed_as_leave_in_half_a_second(returned: int, seconds: float, room: int) -> None:
    assert Pace(since=100.0).after(returned, 100.0 + seconds).room(LINES, in_hand=0) == room


def test_slow_turns_claim_what_leaves_during_two_of_them() -> None:
    assert Pace(a_second=5, turn_seconds=2.0).room(LINES, in_hand=0) == LINES + 20


def test_letters_in_hand_leave_less_room_and_never_less_than_none() -> None:
    assert Pace(a_second=20).room(LINES, in_hand=10) == LINES
    assert Pace(a_second=20).room(LINES, in_hand=100) == 0


@every_case(
    ("a_second", "reserved", "missing"),
    [(0.0, 0, 0), (20.0, 0, 10), (20.0, 5, 5), (20.0, 6, 0), (20.0, 40, 0), (5_000.0, 0, 200), (5_000.0, 100, 100)],
)
def test_what_leaves_in_half_a_second_is_reserved_once_half_of_it_is_missing(
    a_second: float, reserved: int, missing: int
) -> None:
    assert Pace(a_second=a_second, since=100.0).missing(reserved, now=100.9) == missing


def test_nothing_is_reserved_while_no_letter_comes_back() -> None:
    assert Pace(a_second=5_000.0, since=100.0).missing(0, now=101.1) == 0


def test_a_turn_to_which_no_letter_came_back_says_nothing_about_the_pace() -> None:
    known = Pace(a_second=50, since=100.0)
    assert known.after(0, 200.0) == known


def test_a_turn_comes_at_once_if_few_letters_are_left_or_many_outcomes_wait() -> None:
    assert is_turn(in_hand=16, low=16, returned=0)
    assert is_turn(in_hand=100, low=16, returned=25)
    assert not is_turn(in_hand=100, low=16, returned=24)
