"""An erasure stands until a restoration that was published after it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.support.every_case import every_case

from practio_chassis.people.erasures import Erasures

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@every_case(("after", "is_erased"), [(-MINUTE, True), (0 * MINUTE, True), (MINUTE, False)])
def test_only_a_later_restoration_ends_an_erasure(after: timedelta, is_erased: bool) -> None:
    person, erasures = uuid4(), Erasures()
    erasures.erase(person, published_at=NOON, now=NOON + 9 * MINUTE)
    erasures.restore(person, published_at=NOON + after)
    assert (person in erasures, bool(erasures.restored)) == (is_erased, not is_erased)


def test_a_clock_that_runs_ahead_does_not_put_off_a_restoration() -> None:
    person, erasures = uuid4(), Erasures()
    erasures.erase(person, published_at=NOON + timedelta(days=900), now=NOON)
    erasures.restore(person, published_at=NOON + MINUTE)
    assert person not in erasures


def test_an_older_erasure_that_comes_late_does_not_make_a_later_one_younger() -> None:
    person = uuid4()
    erasures = Erasures(known={person: NOON})
    erasures.erase(person, published_at=NOON - MINUTE, now=NOON + MINUTE)
    erasures.restore(person, published_at=NOON)
    assert person in erasures


def test_an_erasure_of_an_earlier_release_is_ended_by_any_restoration() -> None:
    person = uuid4()
    erasures = Erasures(known={person: None})
    erasures.restore(person, published_at=NOON)
    assert person not in erasures
