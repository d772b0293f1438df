"""Letters that are due: claimed for sending now or soon, collected in digests, held, set aside, or settled unsent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
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
from practio_notifications.delivery.reserve import ReservedLetter
from practio_notifications.letters.digests import Gather
from practio_notifications.letters.kinds import DIGEST_NAMES, KIND, Method
from practio_notifications.store.calendar_entries import BroughtEntries, number_entries
from practio_notifications.store.digests import gather
from practio_notifications.store.letters_in_hand import due, in_hand, reserve, take_in_hand
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


async def take(
    context: MessageContext[Any], reserved: Sequence[ReservedLetter], lease: timedelta
) -> Sequence[OutgoingLetter]:
    """Take reserved letters in hand for the duration of ``lease``; return those that nobody has changed since."""
    due_at = {each.letter.letter_id: each.until for each in reserved}
    taken = await take_in_hand(context.session, due_at, now=context.now, until=context.now + lease)
    return [each.letter for each in reserved if each.letter.letter_id in taken]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The letters to send now, those that are reserved ``until`` an instant, and whether more may be due."""

    leaving: Sequence[OutgoingLetter]
    reserved: Sequence[OutgoingLetter]
    until: datetime
    are_more_due: bool


async def claim(
    context: MessageContext[Any], *, limit: int, ahead: int = 0, lease: timedelta, asks: bool = False
) -> Claimed:
    """Claim due letters for the duration of ``lease``, and settle those that are not to be sent.

    Take up to ``limit`` of them in hand, and reserve up to ``ahead`` more, which ``take`` takes in hand later. Digests
    are not reserved, since letters join them until they leave. ``asks``: new calendar entries ask for an answer.

    A letter that this release cannot read is set aside, and looked at again later: it stops no other letter.
    """
    found = await due(context.session, now=context.now, limit=limit + ahead)
    letters = [*found[:limit], *takewhile(_may_be_reserved, found[limit:])]
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
    until = context.now + lease
    due_at = {each.letter_id: each.due_at for each in letters if each.due_at}
    in_hand_now = {each.letter_id: due_at[each.letter_id] for each in leaving[:limit]}
    await take_in_hand(context.session, in_hand_now, now=context.now, until=until)
    await reserve(context.session, [each.letter_id for each in leaving[limit:]], until)
    await _gather(context, gathering)
    await publish_outcomes(context, settled)
    numbered = await _numbered(context, leaving, asks=asks)
    return Claimed(numbered[:limit], numbered[limit:], until, are_more_due=len(found) == limit + ahead > 0)


def _may_be_reserved(letter: LetterRow) -> bool:
    return letter.kind not in DIGEST_NAMES


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
