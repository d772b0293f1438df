"""The next state of a letter after an attempt to hand it to the mail server."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from practio_contracts.notifications import LetterStatus
from practio_notifications.letters.breaker import ServerSign

TOO_BIG = "too-big"
"""The reason of a letter that is above the size that the settings allow."""

_TOO_BIG = re.compile(rf"{TOO_BIG}$|smtp-552(-|$)|smtp-5\d\d-5\.(2\.3|3\.4)$")


class AttemptOutcome(Enum):
    """The result of one attempt."""

    ACCEPTED = auto()
    """It took the letter."""

    LATER = auto()
    """Not now: a 4xx, no connection, one lost before the letter was on its way, or a server that refuses us."""

    NEVER = auto()
    """A 5xx: it will not take this letter."""

    UNCERTAIN = auto()
    """The connection was lost after DATA was sent: the letter may have been delivered."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """The outcome of one attempt; ``reason`` is a code without address or text, None after success.

    ``sign`` is what it says about the mail server.
    """

    outcome: AttemptOutcome
    reason: str | None = None
    sign: ServerSign = ServerSign.NONE

    @property
    def too_big(self) -> bool:
        """Return whether the letter was refused for its size (RFC 5321, 4.2.3; RFC 3463, 3.3 and 3.4)."""
        return self.outcome is AttemptOutcome.NEVER and bool(_TOO_BIG.match(self.reason or ""))


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
    delivery: DeliveryAttempt,
    *,
    tries: int,
    first_try_at: datetime,
    now: datetime,
    chance: float,
    patience: RetrySchedule,
) -> Next:
    """Return the state after ``delivery``, attempt number ``tries``; ``chance`` (0 to 1) spreads new attempts.

    A server that refuses all letters is tried again soon: meanwhile the breaker holds the letters back.
    """
    match delivery.outcome:
        case AttemptOutcome.ACCEPTED:
            return Next(LetterStatus.SENT)
        case AttemptOutcome.NEVER:
            return Next(LetterStatus.FAILED, delivery.reason)
        case AttemptOutcome.UNCERTAIN:
            return Next(LetterStatus.UNKNOWN, delivery.reason)
        case AttemptOutcome.LATER:
            refuses_all = delivery.sign is ServerSign.REFUSES_ALL
            due_at = now + delay(1 if refuses_all else tries, chance, patience)
            if due_at > first_try_at + patience.whole:
                return Next(LetterStatus.FAILED, delivery.reason)
            return Next(LetterStatus.RETRYING, delivery.reason, due_at)


def delay(tries: int, chance: float, patience: RetrySchedule) -> timedelta:
    """Return the wait after attempt number ``tries``: doubling, spread up to twice itself, never above ``most``."""
    doublings = min(tries - 1, 30)
    wait: timedelta = min(patience.first * float(2**doublings), patience.most / 2)
    return wait * (1 + chance)
