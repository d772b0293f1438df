"""The letters in digests that leave: looked at in chunks, since a digest may contain thousands."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.database.reading import UNREADABLE
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.notifications import LetterStatus
from practio_notifications.delivery.decisions import DueLetter, OutgoingLetter, decide_item, ends_unopened
from practio_notifications.delivery.due_letters import due_letters_of, set_aside
from practio_notifications.delivery.outcomes import settle
from practio_notifications.letters.abridging import Counted
from practio_notifications.letters.kinds import KIND
from practio_notifications.store.digests import gathered, letters_with
from practio_notifications.tables import LetterRow

CHUNK = 200
"""How many letters of digests are in memory at once."""

_log = logger(__name__)


async def contents_of(
    context: MessageContext[Any], cases: Sequence[DueLetter]
) -> Mapping[UUID, Counted[OutgoingLetter]]:
    """Return the letters that leave in each due digest; settle those that are no longer relevant or wanted.

    A letter that this release cannot read leaves the digest.
    """
    found: dict[UUID, Counted[OutgoingLetter]] = {
        case.letter.letter_id: Counted(lambda each: each.room_id) for case in cases if _opens(context, case)
    }
    ids = await gathered(context.session, found)
    for start in range(0, len(ids), CHUNK):
        await _look_at(context, await letters_with(context.session, ids[start : start + CHUNK]), found)
        await context.session.flush()  # a session keeps what was changed until it is written
    return found


def _opens(context: MessageContext[Any], case: DueLetter) -> bool:
    try:
        return KIND[case.letter.kind].is_digest and ends_unopened(case, context.now) is None
    except UNREADABLE:
        return False


async def _look_at(
    context: MessageContext[Any], letters: Sequence[LetterRow], found: Mapping[UUID, Counted[OutgoingLetter]]
) -> None:
    cases = await due_letters_of(context, letters)
    for letter in letters:
        try:
            outcome = decide_item(cases[letter.letter_id], context.now) if letter.letter_id in cases else None
        except UNREADABLE as error:
            _log.warning("letter not read", letter=str(letter.letter_id), kind=letter.kind, **failure(error))
            outcome = None
        match outcome:
            case OutgoingLetter():
                assert letter.gathered_in is not None
                letter.status = LetterStatus.SENDING
                found[letter.gathered_in].add(outcome)
            case None:
                set_aside(letter, context.now)
            case step:
                settle(context, letter, step)
