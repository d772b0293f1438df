"""The state of a letter after an attempt to send it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some
from tests.support.every_case import every_case
from tests.unit.notifications.builders import NOW

from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.breaker import ServerSign
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt, Next, RetrySchedule, after, delay

PATIENCE = RetrySchedule()


def after_attempt(outcome: AttemptOutcome, *, tries: int = 1, first: timedelta = timedelta()) -> Next:
    """Return the state after an attempt; the first was so long ago."""
    return after(
        DeliveryAttempt(outcome, "smtp-451"),
        tries=tries,
        first_try_at=NOW - first,
        now=NOW,
        chance=0.5,
        patience=PATIENCE,
    )


def test_a_letter_that_was_accepted_is_sent() -> None:
    assert after(
        DeliveryAttempt(AttemptOutcome.ACCEPTED), tries=1, first_try_at=NOW, now=NOW, chance=0.0, patience=PATIENCE
    ) == Next(LetterStatus.SENT)


def test_a_letter_that_was_refused_for_good_fails_at_once() -> None:
    assert after_attempt(AttemptOutcome.NEVER) == Next(LetterStatus.FAILED, "smtp-451")


def test_a_letter_that_may_have_been_sent_is_unknown_and_not_retried() -> None:
    assert after_attempt(AttemptOutcome.UNCERTAIN) == Next(LetterStatus.UNKNOWN, "smtp-451")


def test_a_letter_refused_for_now_is_retried_in_a_minute_or_two() -> None:
    step = after_attempt(AttemptOutcome.LATER)
    assert step.status is LetterStatus.RETRYING
    assert step.due_at is not None
    assert timedelta(minutes=1) <= step.due_at - NOW <= timedelta(minutes=2)


def test_after_a_day_of_trying_a_letter_fails_with_the_last_reason() -> None:
    assert after_attempt(AttemptOutcome.LATER, tries=30, first=timedelta(hours=23.9)) == Next(
        LetterStatus.FAILED, "smtp-451"
    )
    assert after_attempt(AttemptOutcome.LATER, tries=30, first=timedelta(hours=22)).status is LetterStatus.RETRYING


@given(tries=some.integers(1, 1_000), chance=some.floats(0, 1))
def test_the_wait_is_between_a_minute_and_an_hour(tries: int, chance: float) -> None:
    assert timedelta(minutes=1) <= delay(tries, chance, PATIENCE) <= timedelta(hours=1)


@every_case("tries", range(1, 5))
def test_the_wait_doubles(tries: int) -> None:
    assert delay(tries + 1, 0.0, PATIENCE) == 2 * delay(tries, 0.0, PATIENCE)


def test_a_server_that_refuses_all_letters_is_tried_again_soon_however_often_it_was_tried() -> None:
    refused = DeliveryAttempt(AttemptOutcome.LATER, "smtp-530", ServerSign.REFUSES_ALL)
    step = after(refused, tries=30, first_try_at=NOW, now=NOW, chance=0.5, patience=PATIENCE)
    assert step.due_at is not None
    assert step.due_at - NOW <= timedelta(minutes=2)


def test_letters_that_failed_together_are_retried_at_different_times() -> None:
    assert delay(1, 0.1, PATIENCE) != delay(1, 0.9, PATIENCE)
