"""What is written down of letters: that a sender has one in hand, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from practio_chassis.log import logger
from practio_chassis.work import Work
from practio_contracts.membership import MembershipFact
from practio_contracts.notifications import About, LetterFailed, LetterSent, LetterSkipped, LetterStatus
from practio_notifications.letters.delivery import Delivery, Next, Patience, after
from practio_notifications.letters.kinds import KIND, Kind
from practio_notifications.letters.truth import Contact, Situation, SkipReason, skip_reason
from practio_notifications.store.letters import due, in_hand
from practio_notifications.store.situations import situations
from practio_notifications.tables import LetterRow

LETTERS = Counter("practio_letters_total", "Letters by what an attempt to send them came to", ["kind", "status"])

_FACTS = {
    LetterStatus.SENT: LetterSent,
    LetterStatus.FAILED: LetterFailed,
    LetterStatus.SKIPPED: LetterSkipped,
}
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A letter in hand: claimed by this attempt, and true when it was claimed."""

    letter_id: UUID
    tries: int
    kind: Kind
    fact: MembershipFact
    reader: Contact
    situation: Situation
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """What the attempt number ``tries`` to send a letter came to."""

    letter_id: UUID
    tries: int
    delivery: Delivery


async def note(work: Work[Any], returned: Sequence[Returned], patience: Patience) -> None:
    """Write down what attempts came to, but for letters that another sender has taken up since."""
    found = {each.letter_id: each for each in returned}
    for letter in await in_hand(work.session, {each.letter_id: each.tries for each in returned}):
        step = after(
            found[letter.letter_id].delivery,
            tries=letter.tries,
            first_try_at=letter.first_tried_at or work.now,
            now=work.now,
            chance=random(),
            patience=patience,
        )
        _settle(work, letter, step)


async def claim(work: Work[Any], *, limit: int, lease: timedelta) -> tuple[list[Leaving], int]:
    """Take up to ``limit`` due letters in hand until ``lease`` is over, and settle those that are not to leave.

    Gives those that are to leave, and how many were due.
    """
    letters = await due(work.session, now=work.now, limit=limit) if limit else []
    leaving = []
    for letter, situation in zip(letters, await situations(work.session, letters), strict=True):
        step = _instead_of_leaving(letter, situation, work.now)
        if step is not None:
            _settle(work, letter, step)
        else:
            leaving.append(_take_in_hand(letter, situation, work.now, lease))
    return leaving, len(letters)


def _instead_of_leaving(letter: LetterRow, situation: Situation, now: datetime) -> Next | None:
    """Say what becomes of a due letter that is not sent.

    One whose sender went silent may have left: it is sent once more, with the same Message-ID, but never a third
    time, and it is not called skipped where it is no longer true (promises.md).
    """
    if letter.status == LetterStatus.SENDING and letter.interrupted:
        return Next(LetterStatus.UNKNOWN, "sender-interrupted")
    reason = _skip_reason(letter, situation, now)
    if reason is None:
        return None
    if letter.status == LetterStatus.SENDING or letter.interrupted:
        return Next(LetterStatus.UNKNOWN, "sender-interrupted")
    return Next(LetterStatus.SKIPPED, reason)


def _skip_reason(letter: LetterRow, situation: Situation, now: datetime) -> SkipReason | None:
    if letter.told is None:
        return SkipReason.PERSON_ERASED
    kind = KIND[letter.kind]
    told = kind.fact.model_validate(letter.told).membership
    return skip_reason(kind, told, letter.person_id, situation, now)


def _take_in_hand(letter: LetterRow, situation: Situation, now: datetime, lease: timedelta) -> Leaving:
    letter.interrupted = letter.interrupted or letter.status == LetterStatus.SENDING
    letter.status, letter.due_at = LetterStatus.SENDING, now + lease
    letter.tries += 1
    letter.first_tried_at = letter.first_tried_at or now
    kind = KIND[letter.kind]
    assert isinstance(situation.reader, Contact)  # else it would have been skipped
    return Leaving(
        letter_id=letter.letter_id,
        tries=letter.tries,
        kind=kind,
        fact=kind.fact.model_validate(letter.told),
        reader=situation.reader,
        situation=situation,
        created_at=letter.created_at,
    )


def _settle(work: Work[Any], letter: LetterRow, step: Next) -> None:
    letter.status, letter.reason, letter.due_at = step.status, step.reason, step.due_at
    if step.status is LetterStatus.SENT:
        letter.sent_at = work.now
    if (fact := _FACTS.get(step.status)) is not None:
        work.say(
            fact(
                letter_id=letter.letter_id,
                kind=letter.kind,
                person_id=letter.person_id,
                about=About(room_id=letter.room_id, membership_id=letter.membership_id),
                reason=step.reason,
            ),
            subject=letter.letter_id,
            correlationid=letter.correlation_id,
            causationid=str(letter.fact_id),
        )
    LETTERS.labels(letter.kind, step.status).inc()
    _log.info("letter", letter=str(letter.letter_id), kind=letter.kind, status=step.status, reason=step.reason)
