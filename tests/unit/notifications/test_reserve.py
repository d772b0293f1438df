"""Letters that are reserved for a sender leave in order, and are given back once they have waited for long."""

from datetime import UTC, datetime
from typing import cast

import pytest

from practio_notifications.delivery.decisions import OutgoingLetter
from practio_notifications.delivery.reserve import Reserve, ReservedLetter

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


def reserved(name: str, *, decided_at: float) -> ReservedLetter:
    return ReservedLetter(cast(OutgoingLetter, name), UNTIL, decided_at)


OLD, NEWER, NEWEST = (reserved(name, decided_at=at) for name, at in (("old", 1.0), ("newer", 2.0), ("newest", 3.0)))


@pytest.fixture
def reserve() -> Reserve:
    found = Reserve()
    found.add([OLD])
    found.add([NEWER, NEWEST])
    return found


def test_letters_leave_in_the_order_in_which_they_were_decided(reserve: Reserve) -> None:
    assert list(reserve.first(2)) == [OLD, NEWER]
    assert list(reserve.first(9)) == [OLD, NEWER, NEWEST]
    reserve.forget(taken=2, given_back=0)
    assert (list(reserve.first(9)), len(reserve)) == ([NEWEST], 1)


def test_letters_that_were_decided_long_ago_are_given_back(reserve: Reserve) -> None:
    reserve.drop(decided_before=3.0)
    assert (list(reserve.dropped), list(reserve.first(9))) == ([OLD, NEWER], [NEWEST])
    reserve.forget(taken=0, given_back=1)
    assert list(reserve.dropped) == [NEWER]


def test_what_is_dropped_while_others_are_given_back_is_given_back_next(reserve: Reserve) -> None:
    reserve.drop(decided_before=2.0)
    before = reserve.dropped
    reserve.drop(decided_before=9.0)
    reserve.forget(taken=0, given_back=len(before))
    assert (list(reserve.dropped), len(reserve)) == ([NEWER, NEWEST], 0)
