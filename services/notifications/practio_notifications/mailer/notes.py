"""What is written down of letters: that a sender has one in hand, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from pydantic import ValidationError

from practio_chassis.log import logger
from practio_chassis.work import Work
from practio_contracts.membership import MembershipFact
from practio_contracts.notifications import About, LetterFailed, LetterSent, LetterSkipped, LetterStatus
from practio_notifications.letters.delivery import Delivery, Next, Patience, after
from practio_notifications.letters.kinds import KIND, Kind
from practio_notifications.letters.truth import Situation, SkipReason, skip_reason
from practio_notifications.store.letters import due, in_hand
from practio_notifications.store.situations import situations
from practio_notifications.tables import LetterRow

LETTERS = Counter("practio_letters_total", "Letters by what an attempt to send them came to", ["kind", "status"])

_FACTS = {
    LetterStatus.SENT: LetterSent,
    LetterStatus.FAILED: LetterFailed,
    LetterStatus.SKIPPED: LetterSkipped,
}
_INTERRUPTED = Next(LetterStatus.UNKNOWN, "sender-interrupted")
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A letter in hand: claimed by this attempt, and true when it was claimed."""

    letter_id: UUID
    tries: int
    kind: Kind
    fact: MembershipFact
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


async def renew(work: Work[Any], leaving: Iterable[Leaving], lease: timedelta) -> None:
    """Keep letters in hand for another ``lease``."""
    for letter in await in_hand(work.session, {each.letter_id: each.tries for each in leaving}):
        letter.due_at = work.now + lease


async def claim(work: Work[Any], *, limit: int, lease: timedelta) -> tuple[list[Leaving], int]:
    """Take up to ``limit`` due letters in hand until ``lease`` is over, and settle those that are not to leave.

    Gives those that are to leave, and how many were due.
    """
    letters = await due(work.session, now=work.now, limit=limit) if limit else []
    leaving = []
    for letter, situation in zip(letters, await situations(work.session, letters), strict=True):
        outcome = _leaving_or_not(letter, situation, work.now)
        if isinstance(outcome, Next):
            _settle(work, letter, outcome)
        else:
            _take_in_hand(letter, work.now, lease)
            leaving.append(outcome)
    return leaving, len(letters)


def _leaving_or_not(letter: LetterRow, situation: Situation, now: datetime) -> Leaving | Next:
    """Say what becomes of a due letter: what it takes to send it, or the state that it ends in instead.

    One whose sender went silent may have left: it is sent once more, with the same Message-ID, but never a third
    time, and it is not called skipped where it is no longer true (promises.md).
    """
    silent = letter.status == LetterStatus.SENDING
    if silent and letter.interrupted:
        return _INTERRUPTED
    if letter.told is None:
        return _skipped(SkipReason.PERSON_ERASED, may_have_left=silent or letter.interrupted)
    kind = KIND[letter.kind]
    try:
        fact = kind.fact.model_validate(letter.told)
    except ValidationError:
        return Next(LetterStatus.FAILED, "fact-unreadable")
    reason = skip_reason(kind, fact.membership, letter.person_id, situation, now)
    if reason is not None:
        return _skipped(reason, may_have_left=silent or letter.interrupted)
    return Leaving(letter.letter_id, letter.tries + 1, kind, fact, situation, letter.created_at)


def _skipped(reason: SkipReason, *, may_have_left: bool) -> Next:
    return _INTERRUPTED if may_have_left else Next(LetterStatus.SKIPPED, reason)


def _take_in_hand(letter: LetterRow, now: datetime, lease: timedelta) -> None:
    letter.interrupted = letter.interrupted or letter.status == LetterStatus.SENDING
    letter.status, letter.due_at = LetterStatus.SENDING, now + lease
    letter.tries += 1
    letter.first_tried_at = letter.first_tried_at or now


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
