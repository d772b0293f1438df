"""The next state of a letter after an attempt to hand it to the mail server (notifications.md, Rules; promises.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from practio_contracts.notifications import LetterStatus


class Outcome(Enum):
    """The result of one attempt."""

    ACCEPTED = auto()
    """It took the letter."""

    LATER = auto()
    """Not now: a 4xx, no connection, or a connection lost before the letter was on its way."""

    NEVER = auto()
    """A 5xx: it will not take this letter."""

    UNCERTAIN = auto()
    """The connection was lost after DATA was sent: the letter may have been delivered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one attempt; ``reason`` is a code without address or text, None after success."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """How long to wait before the first new attempt, at most between two, and from the first to the last."""

    first: timedelta = timedelta(minutes=1)
    most: timedelta = timedelta(hours=1)
    whole: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Next:
    """The letter's next state; ``due_at`` is when to look at it again, None once it is settled."""

    status: LetterStatus
    reason: str | None = None
    due_at: datetime | None = None


def after(
    delivery: Delivery, *, tries: int, first_try_at: datetime, now: datetime, chance: float, patience: RetrySchedule
) -> Next:
    """Return the state after ``delivery``, attempt number ``tries``; ``chance`` (0 to 1) spreads new attempts."""
    match delivery.outcome:
        case Outcome.ACCEPTED:
            return Next(LetterStatus.SENT)
        case Outcome.NEVER:
            return Next(LetterStatus.FAILED, delivery.reason)
        case Outcome.UNCERTAIN:
            return Next(LetterStatus.UNKNOWN, delivery.reason)
        case Outcome.LATER:
            due_at = now + delay(tries, chance, patience)
            if due_at > first_try_at + patience.whole:
                return Next(LetterStatus.FAILED, delivery.reason)
            return Next(LetterStatus.RETRYING, delivery.reason, due_at)


def delay(tries: int, chance: float, patience: RetrySchedule) -> timedelta:
    """Return the wait after attempt number ``tries``: doubling, spread up to twice itself, never above ``most``."""
    doublings = min(tries - 1, 30)
    wait: timedelta = min(patience.first * float(2**doublings), patience.most / 2)
    return wait * (1 + chance)
