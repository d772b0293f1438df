"""Due letters with everything that decides about them; those that this release cannot read are set aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.telemetry.log import logger
from practio_contracts.notifications import LetterStatus
from practio_notifications.delivery.decisions import DueLetter
from practio_notifications.letters.kinds import KIND
from practio_notifications.store.delivery_rules import delivery_rules_of
from practio_notifications.store.situations import situations
from practio_notifications.tables import LetterRow

NOT_READ = "could-not-be-read"
"""The reason of a letter that is set aside."""

_SET_ASIDE_FOR = timedelta(minutes=10)
_log = logger(__name__)


async def due_letters_of(context: MessageContext[Any], letters: Sequence[LetterRow]) -> dict[UUID, DueLetter]:
    """Return each letter with everything that decides about it, by its id, except those that cannot be read."""
    known = [letter for letter in letters if letter.kind in KIND]
    situation_of = await situations(context.session, known, context.now)
    rules = await delivery_rules_of(context.session, known, situation_of)
    return {
        letter.letter_id: DueLetter(letter, situation, rule)
        for letter, situation, rule in zip(known, situation_of, rules, strict=True)
        if situation is not None and rule is not None
    }


def set_aside(letter: LetterRow, now: datetime) -> None:
    """Let a letter be looked at again later; one in a digest leaves the digest."""
    if letter.gathered_in is not None:
        letter.status, letter.gathered_in = LetterStatus.HELD, None
    letter.reason, letter.due_at = NOT_READ, now + _SET_ASIDE_FOR
    _log.error("letter set aside: this release cannot read it", letter=str(letter.letter_id), kind=letter.kind)
