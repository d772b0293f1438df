"""The moving window behind the rates of links: exact for a key, bounded over all keys."""

from collections import OrderedDict
from typing import Any

from practio_chassis.web.moving_window import MovingWindow


def test_a_key_waits_for_its_oldest_count_to_leave_the_window() -> None:
    window = MovingWindow(2, 60)
    for now in (0.0, 10.0):
        assert window.wait("ada", now) == 0
        window.count("ada", now)
    assert (window.wait("ada", 20), window.wait("bea", 20)) == (40, 0)
    assert (window.wait("ada", 59), window.wait("ada", 60)) == (1, 0)
    window.count("ada", 60)
    assert window.wait("ada", 60) == 10


def test_a_key_that_must_wait_is_not_counted() -> None:
    window = MovingWindow(1, 60)
    assert [window.take("ada", now) for now in (0.0, 20.0, 60.0)] == [0, 40, 0]


def test_a_count_that_is_taken_back_counts_no_more() -> None:
    window = MovingWindow(1, 60)
    window.count("ada", 5)
    window.take_back("ada", 4)
    assert window.wait("ada", 5) == 60
    for _ in range(2):
        window.take_back("ada", 5)
    assert (len(window), window.wait("ada", 5)) == (0, 0)


def test_keys_whose_window_is_over_are_forgotten_while_others_are_counted() -> None:
    window = MovingWindow(1, 60)
    for number in range(100):
        window.count(f"former {number}", 0)
    for number in range(50):
        window.count(f"new {number}", 100)
    assert len(window) == 50


def test_beyond_the_most_keys_the_one_counted_longest_ago_is_forgotten() -> None:
    window = MovingWindow(1, 60, most_keys=2)
    for key in ("ada", "bea", "cleo"):
        window.count(key, 0)
    assert (len(window), [window.wait(key, 0) for key in ("ada", "bea", "cleo")]) == (2, [0, 60, 60])


def test_a_count_looks_at_few_keys_however_many_there_are() -> None:
    window, looked = MovingWindow(1, 60), list[str]()

    class Watched(OrderedDict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            looked.append(key)
            return super().__getitem__(key)

        def __iter__(self) -> Any:
            for key in super().__iter__():
                looked.append(key)
                yield key

    window._counted = Watched()
    for number in range(1_000):
        window.count(str(number), 0)
    looked.clear()
    window.count("ada", 1)
    assert len(looked) <= 4
