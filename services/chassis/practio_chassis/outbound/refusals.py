"""What the broker refuses of an outbox, whether the row is at fault, and which subjects wait for a row. Pure.

A message above the broker's limit, or one that cannot be written at all, is refused however often it is published, and
ends the channel each time: without this, nothing after it would leave. Its subject waits meanwhile. After a few
attempts the row is set aside, and its subject goes on: events have the complete state and a sequence, so a reader that
misses one is right again with the next, whereas a subject that waited for it would stand still for good.

What the broker refuses for a reason of its own (a missing right, exchange or binding, its own limit) is never set
aside. Its subject waits, in order, until that is mended, all others go on, and the service is not ready.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiormq.exceptions import ChannelClosed, ChannelPreconditionFailed, DeliveryError, PublishError
from sqlalchemy import Row

from practio_chassis.broker.publishing import UnwritableError

ATTEMPTS = 3
"""How often a row must be refused before it is set aside."""

WAIT_SECONDS = 2.0
"""How long a subject waits before its first row is published again."""

_TRIED_AGAIN_SECONDS = 60.0
"""How long it is remembered, once a subject has waited, that it was refused: its rows may be gone meanwhile."""

_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the broker did not take, the reason, and whether the row is at fault, or the broker."""

    row: Row[Any]
    reason: str
    is_at_fault: bool


class Refusals:
    """Counts how often each row was refused, and knows which subjects wait, and which are tried again."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._attempts: dict[int, int] = {}
        self._waits_until: dict[str, float] = {}

    def waiting(self) -> list[str]:
        """Return the subjects that wait now."""
        now = self._now()
        self._waits_until = {
            subject: until for subject, until in self._waits_until.items() if now < until + _TRIED_AGAIN_SECONDS
        }
        return sorted(subject for subject, until in self._waits_until.items() if until > now)

    def is_tried_again(self, subject: str) -> bool:
        """Return whether a row of a subject was refused, and none was taken since.

        Its rows must not share a write: the broker may return the first, and take those that follow it.
        """
        return subject in self._waits_until

    def note_taken(self, row: Row[Any]) -> None:
        """Note that the broker took a row: those of its subject that follow share a write with others again."""
        self._attempts.pop(row.id, None)
        self._waits_until.pop(row.subject, None)

    def note(self, refused: Refused) -> bool:
        """Note a refusal; return whether the row is to be set aside. Until then its subject waits."""
        row = refused.row
        if refused.is_at_fault:
            self._attempts[row.id] = self._attempts.get(row.id, 0) + 1
            if self._attempts[row.id] >= ATTEMPTS:
                del self._attempts[row.id]
                self._waits_until.pop(row.subject, None)
                return True
        self._waits_until[row.subject] = self._now() + WAIT_SECONDS
        return False


def reason_of(answer: object) -> str | None:
    """Return why the broker did not take a message, without values; None if it did, or if the connection was lost."""
    match answer:
        case ChannelClosed() if answer.args and answer.args[-1]:
            return str(answer.args[-1])[:_REASON_LENGTH]
        case PublishError(message=returned):
            return f"{returned.routing_key if returned else 'it'} reaches no queue: run practio provision"
        case DeliveryError():
            return "a queue does not accept it"
        case UnwritableError():
            return f"it cannot be written: {answer}"
    return None


def ends_channel(answer: object) -> bool:
    """Return whether the broker closed the channel over a message."""
    return isinstance(answer, ChannelClosed)


def may_be_the_message(answer: object) -> bool:
    """Return whether the message may be at fault: its size is a precondition, as the account of the publisher is."""
    return isinstance(answer, ChannelPreconditionFailed | UnwritableError) and reason_of(answer) is not None


def is_certainly_the_message(answer: object) -> bool:
    """Return whether the message is at fault: it cannot be written, whatever the broker allows."""
    return isinstance(answer, UnwritableError)
