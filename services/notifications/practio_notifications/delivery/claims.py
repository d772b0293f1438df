"""Letters that are due: claimed for sending, collected in digests, held, set aside, or settled without being sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.database.reading import UNREADABLE
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.notifications import LetterStatus
from practio_contracts.rooms import Coming
from practio_notifications.delivery.decisions import Decision, OutgoingLetter, decide
from practio_notifications.delivery.digest_contents import contents_of
from practio_notifications.delivery.due_letters import due_letters_of, set_aside
from practio_notifications.delivery.outcomes import publish_outcomes, settle
from practio_notifications.letters.digests import Gather
from practio_notifications.letters.kinds import KIND, Method
from practio_notifications.store.calendar_entries import BroughtEntries, number_entries
from practio_notifications.store.digests import gather
from practio_notifications.store.letters import due, in_hand, take_in_hand
from practio_notifications.store.session_participation import answers_of
from practio_notifications.tables import LetterRow

_LOOKED_AT_AGAIN = timedelta(minutes=1)
_log = logger(__name__)


async def renew(context: MessageContext[Any], leaving: Iterable[OutgoingLetter], lease: timedelta) -> None:
    """Keep letters in hand for another ``lease``."""
    for letter in await in_hand(context.session, {each.letter_id: each.tries for each in leaving}):
        letter.due_at = context.now + lease
    # A letter whose lease ended while the database was away is due: claimed in this transaction, it would leave twice.
    await context.session.flush()


async def claim(
    context: MessageContext[Any], *, limit: int, lease: timedelta, asks: bool = False
) -> tuple[list[OutgoingLetter], int]:
    """Claim up to ``limit`` due letters for the duration of ``lease``, and settle those that are not to be sent.

    ``asks``: new calendar entries in them ask for an answer.

    A letter that this release cannot read is set aside, and looked at again later: it stops no other letter. Return the
    letters to send, and how many were due.
    """
    letters = await due(context.session, now=context.now, limit=limit) if limit else []
    leaving, gathering, settled = [], [], []
    for letter, decision in await _decisions(context, letters):
        match decision:
            case OutgoingLetter() as outgoing:
                leaving.append(outgoing)
            case Gather(at=at):
                gathering.append((letter, at))
            case step:
                settle(context, letter, step)
                settled.append(letter)
    ids = [each.letter_id for each in leaving]
    await take_in_hand(context.session, ids, now=context.now, until=context.now + lease)
    await _gather(context, gathering)
    await publish_outcomes(context, settled)
    return await _numbered(context, leaving, asks=asks), len(letters)


async def _decisions(context: MessageContext[Any], letters: Sequence[LetterRow]) -> list[tuple[LetterRow, Decision]]:
    """Return what happens to each letter that this release can read; the others are set aside."""
    cases = await due_letters_of(context, letters)
    contained = await contents_of(context, list(cases.values()))
    decisions = []
    for letter in letters:
        try:
            case = cases.get(letter.letter_id)
            if case is not None:
                case = replace(case, contents=contained.get(letter.letter_id))
                decisions.append((letter, decide(case, context.now)))
                continue
        except UNREADABLE as error:
            _log.warning("letter not read", letter=str(letter.letter_id), kind=letter.kind, **failure(error))
        set_aside(letter, context.now)
    return decisions


async def _gather(context: MessageContext[Any], gathering: Sequence[tuple[LetterRow, datetime]]) -> None:
    """Put letters into their digests; if a digest is leaving right now, they are looked at again for the next one."""
    await context.session.flush()
    groups: dict[tuple[UUID, str, datetime], list[LetterRow]] = {}
    for letter, at in gathering:
        groups.setdefault((letter.person_id, KIND[letter.kind].digest.name, at), []).append(letter)
    for (_, digest, at), letters in sorted(groups.items(), key=lambda group: group[0]):
        if not await gather(context.session, letters, KIND[digest], at, context.now):
            for letter in letters:
                letter.status, letter.due_at = LetterStatus.HELD, context.now + _LOOKED_AT_AGAIN


async def _numbered(
    context: MessageContext[Any], leaving: Sequence[OutgoingLetter], *, asks: bool
) -> list[OutgoingLetter]:
    """Return letters that leave, with the SEQUENCE of each calendar entry, where it is answered, and how it was."""
    brought = [BroughtEntries(letter.letter_id, letter.person_id, letter.brought) for letter in leaving]
    numbers = await number_entries(context.session, brought, asks=asks)
    asked = {(key, letter.person_id) for letter in leaving for key in _asked(letter)}
    known = await answers_of(context.session, asked, unread=set())
    return [
        replace(letter, entries=found, answers=_answers(letter, known))
        for letter, found in zip(leaving, numbers, strict=True)
    ]


def _answers(letter: OutgoingLetter, known: Mapping[tuple[UUID, UUID], Coming]) -> Mapping[UUID, Coming]:
    """Return what a letter's reader has answered, by session."""
    given = {session_id: known.get((session_id, letter.person_id)) for session_id in _asked(letter)}
    return {session_id: answer for session_id, answer in given.items() if answer}


def _asked(letter: OutgoingLetter) -> Sequence[UUID]:
    """Return the sessions whose calendar entries a letter brings: one that takes them out has no answer."""
    if letter.kind.calendar is not Method.REQUEST:
        return ()
    return [each.session_id for each in letter.brought]
