"""The outcomes of letters: recording them, and what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import random
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Row

from practio_chassis.context import MessageContext
from practio_chassis.telemetry.log import logger
from practio_contracts.notifications import LetterFailed, LetterSent, LetterSkipped, LetterStatus
from practio_notifications.letters.delivery import AttemptOutcome, DeliveryAttempt, Next, RetrySchedule, after
from practio_notifications.letters.kinds import KIND
from practio_notifications.store.digests import settle_items
from practio_notifications.store.letters import about
from practio_notifications.store.letters_in_hand import in_hand, note_sent
from practio_notifications.store.undelivered_offers import notify_of_undelivered
from practio_notifications.tables import LetterRow

LETTERS = Counter("practio_letters_total", "Letters by what an attempt to send them came to", ["kind", "status"])
for _kind in KIND:
    LETTERS.labels(
        _kind, LetterStatus.FAILED
    )  # a counter that starts above zero shows no increase: the first failure must be visible too

_EVENTS = {
    LetterStatus.SENT: LetterSent,
    LetterStatus.FAILED: LetterFailed,
    LetterStatus.SKIPPED: LetterSkipped,
}
_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Returned:
    """The outcome of attempt number ``tries`` to send a letter."""

    letter_id: UUID
    tries: int
    delivery: DeliveryAttempt


async def note(context: MessageContext[Any], returned: Sequence[Returned], patience: RetrySchedule) -> None:
    """Record the outcomes of attempts, except for letters that another sender has claimed since."""
    accepted = {each.letter_id: each.tries for each in returned if each.delivery.outcome is AttemptOutcome.ACCEPTED}
    await _note_accepted(context, accepted)
    await _note_others(context, [each for each in returned if each.letter_id not in accepted], patience)


async def _note_accepted(context: MessageContext[Any], tries: Mapping[UUID, int]) -> None:
    """Record the letters that the mail server took: nearly all of them, so with one statement."""
    sent = await note_sent(context.session, tries, context.now)
    for letter in sent:
        _publish(context, letter, Next(LetterStatus.SENT))
    await settle_items(context.session, [letter for letter in sent if KIND[letter.kind].is_digest])


async def _note_others(context: MessageContext[Any], returned: Sequence[Returned], patience: RetrySchedule) -> None:
    found = {each.letter_id: each for each in returned}
    settled = await in_hand(context.session, {each.letter_id: each.tries for each in returned})
    for letter in settled:
        step = after(
            found[letter.letter_id].delivery,
            tries=letter.tries,
            first_try_at=letter.first_tried_at or context.now,
            now=context.now,
            chance=random(),
            patience=patience,
        )
        settle(context, letter, step)
    # A letter whose lease ended while the database was away is due: claimed in this transaction, it would leave twice.
    await context.session.flush()
    await publish_outcomes(context, settled)


async def publish_outcomes(context: MessageContext[Any], settled: Sequence[LetterRow]) -> None:
    """Settle the letters in digests as their digests ended; notify hosts of offers whose letters reach nobody."""
    over = [letter for letter in settled if letter.due_at is None]
    digests = [letter for letter in over if KIND[letter.kind].is_digest]
    if digests:
        await settle_items(context.session, digests)
    await notify_of_undelivered(context.session, over, context.now)


def settle(context: MessageContext[Any], letter: LetterRow, step: Next) -> None:
    """Record a letter's next state, and publish it if it is an end that others learn about."""
    letter.status, letter.reason, letter.due_at = step.status, step.reason, step.due_at
    if step.status is LetterStatus.SENT:
        letter.sent_at = context.now
    _publish(context, letter, step)


def _publish(context: MessageContext[Any], letter: LetterRow | Row[Any], step: Next) -> None:
    if (event := _EVENTS.get(step.status)) is not None:
        context.publish(
            event(
                letter_id=letter.letter_id,
                kind=letter.kind,
                person_id=letter.person_id,
                about=about(letter),
                reason=step.reason,
            ),
            subject=letter.letter_id,
            correlationid=letter.correlation_id,
            causationid=str(letter.event_id),
            traceparent=letter.traceparent,
            internal_only=KIND[letter.kind].discreet,
        )
    LETTERS.labels(letter.kind, step.status).inc()
    _log.info("letter", letter=str(letter.letter_id), kind=letter.kind, status=step.status, reason=step.reason)
