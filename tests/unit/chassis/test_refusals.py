"""What the broker refuses: set aside after some attempts if the row is at fault, kept and waited for if not."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelPreconditionFailed,
    DeliveryError,
    PublishError,
)
from pamqp.commands import Basic
from tests.unit.chassis.test_event_batches import Row

from practio_chassis.broker.publishing import UnwritableError
from practio_chassis.outbound.refusals import ATTEMPTS, WAIT_SECONDS, Refusals, Refused, may_be_the_message, reason_of

TOO_LARGE = ChannelPreconditionFailed("PRECONDITION_FAILED - message size 600000 is larger than configured max size")
NO_ROUTE = Basic.Return(312, "NO_ROUTE", "", "membership.fill-seats.v1")
RETURNED = PublishError(cast(Any, SimpleNamespace(delivery=NO_ROUTE, routing_key=NO_ROUTE.routing_key)), NO_ROUTE)
FORBIDDEN = ChannelAccessRefused("ACCESS_REFUSED - access to topic refused")


class Clock:
    """Seconds that pass when a test wants."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def refused(identity: int, *, is_at_fault: bool, subject: str = "a") -> Refused:
    return Refused(cast(Any, Row(identity, "membership.joined.v1", subject=subject)), "too large", is_at_fault)


def test_a_row_at_fault_is_set_aside_after_some_attempts_and_its_subject_waits_until_then() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for _ in range(ATTEMPTS - 1):
        assert not refusals.note(refused(1, is_at_fault=True))
        assert refusals.waiting() == ["a"]
        clock.seconds += WAIT_SECONDS
        assert refusals.waiting() == []
    assert refusals.note(refused(1, is_at_fault=True))
    assert refusals.waiting() == []


def test_attempts_of_one_row_are_not_those_of_another() -> None:
    refusals = Refusals(Clock())
    assert not any(refusals.note(refused(identity, is_at_fault=True)) for identity in range(10 * ATTEMPTS))


def test_refusals_of_a_row_that_was_taken_later_count_no_more() -> None:
    refusals, late = Refusals(Clock()), refused(1, is_at_fault=True)
    for _ in range(ATTEMPTS - 1):
        refusals.note(late)
    refusals.note_taken(late.row)
    assert not any(refusals.note(late) for _ in range(ATTEMPTS - 1))


def test_a_row_that_the_broker_refuses_for_its_own_reasons_waits_for_ever() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for _ in range(10 * ATTEMPTS):
        assert not refusals.note(refused(1, is_at_fault=False))
        assert refusals.waiting() == ["a"]
        clock.seconds += WAIT_SECONDS


def test_a_subject_is_tried_again_until_a_row_of_it_is_taken_or_none_was_refused_for_long() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    for subject in ("taken", "gone"):
        assert not refusals.is_tried_again(subject)
        refusals.note(refused(1, is_at_fault=False, subject=subject))
    clock.seconds += WAIT_SECONDS
    assert refusals.waiting() == []
    assert refusals.is_tried_again("taken")
    refusals.note_taken(refused(1, is_at_fault=False, subject="taken").row)
    assert not refusals.is_tried_again("taken")

    assert refusals.is_tried_again("gone")
    clock.seconds += 3_600
    refusals.waiting()
    assert not refusals.is_tried_again("gone")


@pytest.mark.parametrize(
    ("answer", "reason", "may_be"),
    [
        (TOO_LARGE, "PRECONDITION_FAILED - message size 600000", True),
        (FORBIDDEN, "ACCESS_REFUSED", False),
        (UnwritableError("TypeError"), "it cannot be written: TypeError", True),
        (TypeError("a fault of ours, and of no message"), "", False),
        (DeliveryError(None, Basic.Nack()), "a queue does not accept it", False),
        (RETURNED, "membership.fill-seats.v1 reaches no queue", False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_refusal_has_a_reason_and_may_be_the_fault_of_the_message(
    answer: Exception, reason: str, may_be: bool
) -> None:
    assert (reason_of(answer) or "").startswith(reason)
    assert may_be_the_message(answer) is may_be


@pytest.mark.parametrize("answer", [Basic.Ack(), ChannelInvalidStateError("closed"), ConnectionError(), Exception()])
def test_what_is_confirmed_or_lost_is_not_refused(answer: object) -> None:
    assert reason_of(answer) is None
